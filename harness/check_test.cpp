// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "harness/rounding.h"

namespace breakeven {
namespace {

constexpr uint64_t kSeed = 11;

/// A judge of its own, so that this test depends on nobody who computes.
std::vector<double> plain(const Problem& problem, const Inputs& inputs, std::span<const int64_t> probes) {
  const Gemm& g = std::get<Gemm>(problem);
  std::vector<double> out;
  std::vector<double> a(static_cast<size_t>(g.k)), b(static_cast<size_t>(g.k));
  for (const int64_t at : probes) {
    const int64_t column = at % g.n, row = at / g.n % g.m, batch = at / g.n / g.m;
    inputs.operands[0].decode((batch * g.m + row) * g.k, 1, a);
    inputs.operands[1].decode(batch * g.k * g.n + column, g.n, b);
    long double sum = 0;
    for (size_t p = 0; p < a.size(); ++p) sum += static_cast<long double>(a[p]) * b[p];
    if (g.epilogue == Epilogue::bias_relu) sum = std::max(0.0L, sum + inputs.operands[2].at(column));
    out.push_back(static_cast<double>(sum));
  }
  return out;
}

void store(Tensor& t, int64_t i, double value) {
  const uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  switch (t.element()) {
    case Element::fp64:
      t.as<double>()[i] = value;
      break;
    case Element::fp32:
      t.as<float>()[i] = static_cast<float>(value);
      break;
    case Element::bf16:
      t.as<uint16_t>()[i] = to_bf16(bits);
      break;
    case Element::fp16:
      t.as<uint16_t>()[i] = to_fp16(bits);
      break;
    default:
      t.as<int32_t>()[i] = static_cast<int32_t>(value);
  }
}

/// The right answer, rounded once: what a perfect contender would write.
Tensor perfect(const Gemm& g, const Inputs& inputs) {
  Tensor out(facts(g.precision).output, {g.batch, g.m, g.n});
  std::vector<int64_t> all(static_cast<size_t>(g.outputs()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  const std::vector<double> values = plain(g, inputs, all);
  for (size_t i = 0; i < values.size(); ++i) store(out, static_cast<int64_t>(i), values[i]);
  return out;
}

Check held(const Gemm& g, const Inputs& inputs, const Tensor& output, Depth depth = Depth::whole) {
  std::vector<Tensor> outputs;
  outputs.push_back(output.clone());
  return check(g, inputs, outputs, plain, depth, kSeed);
}

// Small: every element is compared. Large: probes and Freivalds' test. Above 2^22 products with little work.
constexpr Gemm kSmall{.m = 37, .n = 29, .k = 65};
constexpr Gemm kLarge{.m = 300, .n = 260, .k = 70};

struct CheckAt : testing::TestWithParam<std::tuple<Precision, Gemm>> {
  CheckAt() {
    g = std::get<1>(GetParam());
    g.precision = std::get<0>(GetParam());
    inputs = g.inputs(kSeed);
    output = perfect(g, inputs);
  }
  Gemm g;
  Inputs inputs;
  Tensor output;
};

TEST_P(CheckAt, AcceptsThePerfectAnswer) {
  const Check c = held(g, inputs, output);
  EXPECT_EQ(c.verdict, Verdict::ok) << c.where;
  EXPECT_LE(c.error, c.bound);
  EXPECT_EQ(c.metric, g.m == kSmall.m ? "elements" : "probes+freivalds");
}

TEST_P(CheckAt, CatchesOneElementNeverWritten) {
  Tensor poisoned(output.element(), {g.outputs()});
  poison(poisoned);
  const int64_t at = g.outputs() / 2 + 3;
  store(output, at, poisoned.at(at));
  const Check c = held(g, inputs, output);
  EXPECT_EQ(c.verdict, Verdict::wrong);
  EXPECT_FALSE(c.where.empty());
  EXPECT_TRUE(std::isfinite(c.error));
}

TEST_P(CheckAt, CatchesALostLastProduct) {
  Gemm shorter = g;
  shorter.k -= 1;  // what a kernel with an off-by-one tail computes
  std::vector<double> a(static_cast<size_t>(g.k)), b(static_cast<size_t>(g.k));
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      const double lost =
          inputs.operands[0].at(i * g.k + g.k - 1) * inputs.operands[1].at((g.k - 1) * g.n + j);
      store(output, i * g.n + j, output.at(i * g.n + j) - lost);
    }
  }
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong);
  EXPECT_EQ(held(g, inputs, output, Depth::probes).verdict, Verdict::wrong);
}

TEST_P(CheckAt, CatchesTwoRowsExchanged) {
  for (int64_t j = 0; j < g.n; ++j) {
    const double upper = output.at(5 * g.n + j), lower = output.at(9 * g.n + j);
    store(output, 5 * g.n + j, lower);
    store(output, 9 * g.n + j, upper);
  }
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong);
}

TEST_P(CheckAt, CatchesAllZeros) {
  for (int64_t i = 0; i < g.outputs(); ++i) store(output, i, 0);
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong);
}

INSTANTIATE_TEST_SUITE_P(All, CheckAt,
                         testing::Combine(testing::Values(Precision::fp64, Precision::fp32, Precision::tf32,
                                                          Precision::bf16, Precision::fp16,
                                                          Precision::fp8e4m3, Precision::int8),
                                          testing::Values(kSmall, kLarge)),
                         [](const auto& info) {
                           return std::string(name(std::get<0>(info.param))) +
                                  (std::get<1>(info.param).m == kSmall.m ? "Small" : "Large");
                         });

TEST(Check, CatchesHalfPrecisionAccumulation) {  // bf16 inputs summed in bf16 instead of fp32
  Gemm g{.m = 40, .n = 40, .k = 512, .precision = Precision::bf16};
  const Inputs inputs = g.inputs(kSeed);
  Tensor output(Element::bf16, {1, g.m, g.n});
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      uint16_t sum = 0;
      for (int64_t p = 0; p < g.k; ++p) {
        const double next = std::bit_cast<float>(from_bf16(sum)) +
                            inputs.operands[0].at(i * g.k + p) * inputs.operands[1].at(p * g.n + j);
        sum = to_bf16(std::bit_cast<uint32_t>(static_cast<float>(next)));
      }
      output.as<uint16_t>()[i * g.n + j] = sum;
    }
  }
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong);
}

TEST(Check, SeesThroughBatchesAndEpilogues) {
  Gemm g{.batch = 3, .m = 20, .n = 24, .k = 40, .epilogue = Epilogue::bias_relu};
  const Inputs inputs = g.inputs(kSeed);
  Tensor output = perfect(g, inputs);
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::ok);
  for (int64_t i = 0; i < g.m * g.n; ++i)
    store(output, i, output.at(i + g.m * g.n));  // batch 0 gets batch 1's
  EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong);
}

TEST(Check, FreivaldsFindsOneWrongElementThatNoProbeTouches) {
  Gemm g = kLarge;
  g.precision = Precision::int8;
  const Inputs inputs = g.inputs(kSeed);
  Tensor output = perfect(g, inputs);
  int caught_by_probes = 0;
  for (int64_t at = 1; at < g.outputs(); at += 7919) {
    store(output, at, output.at(at) + 1);
    EXPECT_EQ(held(g, inputs, output).verdict, Verdict::wrong) << at;
    caught_by_probes += held(g, inputs, output, Depth::probes).verdict == Verdict::wrong;
    store(output, at, output.at(at) - 1);
  }
  EXPECT_EQ(caught_by_probes, 0);  // so it was the whole-product test that caught them
}

TEST(Check, FreivaldsFindsAnInfinityThatNoProbeTouches) {
  const Inputs inputs = kLarge.inputs(kSeed);
  Tensor output = perfect(kLarge, inputs);
  const int64_t at = 1 + 7919;
  store(output, at, std::numeric_limits<double>::infinity());
  EXPECT_EQ(held(kLarge, inputs, output, Depth::probes).verdict, Verdict::ok);
  const Check c = held(kLarge, inputs, output);
  EXPECT_EQ(c.verdict, Verdict::wrong);
  EXPECT_TRUE(std::isfinite(c.error) && std::isfinite(c.bound));
}

}  // namespace
}  // namespace breakeven
