// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/check_gemm.h"
#include "harness/rounding.h"

namespace breakeven {
namespace {

constexpr uint64_t kSeed = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> plain(const Problem& problem, const Inputs& inputs, std::span<const int64_t> probes) {
  const Gemm& g = std::get<Gemm>(problem);
  std::vector<double> out, a(static_cast<size_t>(g.k)), b(static_cast<size_t>(g.k));
  for (const int64_t at : probes) {
    inputs.operands[0].decode(at / g.n * g.k, 1, a);
    inputs.operands[1].decode(at % g.n, g.n, b);
    double sum = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    if (g.epilogue == Epilogue::bias_relu) sum = std::max(0.0, sum + inputs.operands[2].at(at % g.n));
    out.push_back(sum);
  }
  return out;
}

void store(Tensor& t, int64_t i, double value) {
  const uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  if (t.element() == Element::fp64) t.as<double>()[i] = value;
  if (t.element() == Element::fp32) t.as<uint32_t>()[i] = bits;
  if (t.element() == Element::bf16) t.as<uint16_t>()[i] = to_bf16(bits);
  if (t.element() == Element::fp16) t.as<uint16_t>()[i] = to_fp16(bits);
}

/// A wide problem with the answer of a perfect contender.
struct Answered {
  explicit Answered(Precision p, int scale, Epilogue epilogue = Epilogue::none)
      : gemm{.m = 40,
             .n = 37,
             .k = 65,
             .epilogue = epilogue,
             .precision = p,
             .fill = Fill::wide,
             .scale_log2 = scale},
        inputs(gemm.inputs(kSeed)),
        output(gemm.results()[0].make()) {
    std::vector<int64_t> all(static_cast<size_t>(gemm.outputs()));
    std::iota(all.begin(), all.end(), 0);
    expected = plain(gemm, inputs, all);
    for (const int64_t i : all) store(output, i, expected[static_cast<size_t>(i)]);
  }
  Check held(double accumulate_roundoff = 0) const {
    return check_gemm(gemm, inputs, output, plain, Depth::whole, kSeed, accumulate_roundoff);
  }
  Verdict with(int64_t at, double value, double accumulate_roundoff = 0) {
    const double before = output.at(at);
    store(output, at, value);
    const Verdict verdict = held(accumulate_roundoff).verdict;
    store(output, at, before);
    return verdict;
  }
  /// Where `what` holds of the judge's value; -1 where it does nowhere.
  template <class What>
  int64_t find(What what) const {
    for (size_t i = 0; i < expected.size(); ++i) {
      if (what(expected[i])) return static_cast<int64_t>(i);
    }
    return -1;
  }

  Gemm gemm;
  Inputs inputs;
  Tensor output;
  std::vector<double> expected;
};

constexpr Precision kFloats[] = {Precision::fp64, Precision::fp32, Precision::tf32,
                                 Precision::bf16, Precision::fp16, Precision::fp8e4m3};

TEST(CheckWide, TakesThePerfectAnswerAtEveryScale) {
  for (const Precision p : kFloats) {
    for (const int scale : {0, 8, 16, 18, 19, 20, 21, 24, 40, 60}) {
      for (const Epilogue e : {Epilogue::none, Epilogue::bias_relu}) {
        const Answered a(p, scale, e);
        const Check c = a.held();
        EXPECT_EQ(c.verdict, Verdict::ok) << name(p) << " " << a.gemm.name() << " " << c.where;
        EXPECT_TRUE(std::isfinite(c.error) && std::isfinite(c.bound)) << a.gemm.name();
        EXPECT_EQ(c.metric, "elements");
      }
    }
  }
}

TEST(CheckWide, RefusesInfinityWhereTheAnswerIsFinite) {
  for (const Precision p : kFloats) {
    for (const double bad : {kInfinity, -kInfinity, std::nan("")}) {
      EXPECT_EQ(Answered(p, 4).with(77, bad), Verdict::wrong) << name(p) << bad;
    }
  }
}

TEST(CheckWide, RefusesFinityWhereTheAnswerOverflows) {
  Answered a(Precision::fp16, 24);  // B itself holds infinities
  const int64_t infinite = a.find([](double e) { return std::isinf(e); });
  const int64_t nan = a.find([](double e) { return std::isnan(e); });
  ASSERT_GE(infinite, 0);
  ASSERT_GE(nan, 0);
  for (const int64_t at : {infinite, nan}) {
    EXPECT_EQ(a.with(at, 65504), Verdict::wrong);
    EXPECT_EQ(a.with(at, 0), Verdict::wrong);
    EXPECT_EQ(a.with(at, std::nan("")), Verdict::ok);  // of either kind: the order of the sum decides
    EXPECT_EQ(a.with(at, -kInfinity), Verdict::ok);
  }
}

TEST(CheckWide, RefusesSaturationWhereOnlyTheResultOverflows) {
  Answered a(Precision::fp16, 20);
  const int64_t beyond = a.find([](double e) { return std::isfinite(e) && std::abs(e) > 70000; });
  const int64_t within = a.find([](double e) { return std::abs(e) > 30000 && std::abs(e) < 64000; });
  ASSERT_GE(beyond, 0);
  ASSERT_GE(within, 0);
  EXPECT_EQ(a.with(beyond, std::copysign(65504, a.expected[static_cast<size_t>(beyond)])), Verdict::wrong);
  EXPECT_EQ(a.with(within, kInfinity), Verdict::wrong);
  // A sum that fp16 cannot hold on its way is that contender's overflow, and as legal as the result's.
  EXPECT_EQ(a.with(within, kInfinity, 0x1p-11), Verdict::ok);
}

TEST(CheckWide, TakesEitherNextToTheEndOfTheRange) {
  Answered a(Precision::fp16, 18);
  // One element is made to end just where fp16 does: 65520 is the first that rounds to infinity.
  for (const double end : {65519.0, 65520.0, 65521.0}) {
    const auto judge = [&](const Problem&, const Inputs&, std::span<const int64_t> probes) {
      std::vector<double> values;
      for (const int64_t at : probes) values.push_back(at == 5 ? end : a.expected[static_cast<size_t>(at)]);
      return values;
    };
    for (const double got : {65504.0, kInfinity}) {
      store(a.output, 5, got);
      const Check c = check_gemm(a.gemm, a.inputs, a.output, judge, Depth::whole, kSeed);
      EXPECT_EQ(c.verdict, Verdict::ok) << end << " " << got << c.where;
    }
    store(a.output, 5, 65000);
    EXPECT_EQ(check_gemm(a.gemm, a.inputs, a.output, judge, Depth::whole, kSeed).verdict, Verdict::wrong);
  }
}

TEST(CheckWide, SeesErrorsInTinyResults) {
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::bf16}) {
    Answered a(p, 0);
    // A tenth of a percent (fp64, fp32), two percent (bf16) of a typical element.
    const double off = p == Precision::bf16 ? 0.02 : 0.001;
    const int64_t at = a.find([](double e) { return std::abs(e) > 0.01; });
    ASSERT_GE(at, 0);
    EXPECT_EQ(a.with(at, a.expected[static_cast<size_t>(at)] * (1 + off)), Verdict::wrong) << name(p);
  }
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(Answered(Precision::fp16, 0).with(i, 0.125), Verdict::wrong);
}

TEST(CheckWide, LargeProblemsAreProbed) {
  const Gemm g{.m = 400, .n = 300, .k = 64, .precision = Precision::fp32, .fill = Fill::wide};
  const Inputs inputs = g.inputs(kSeed);
  Tensor output = g.results()[0].make();
  std::vector<int64_t> all(static_cast<size_t>(g.outputs()));
  std::iota(all.begin(), all.end(), 0);
  const std::vector<double> right = plain(g, inputs, all);
  for (const int64_t i : all) store(output, i, right[static_cast<size_t>(i)]);
  const Check c = check_gemm(g, inputs, output, plain, Depth::whole, kSeed);
  EXPECT_EQ(c.metric, "probes");
  EXPECT_EQ(c.verdict, Verdict::ok) << c.where;
  for (int64_t i = 0; i < g.n; ++i) store(output, i, 0);
  EXPECT_EQ(check_gemm(g, inputs, output, plain, Depth::whole, kSeed).verdict, Verdict::wrong);
}

// Otherwise as ever: not a number is no answer, however narrow the accumulator.
TEST(CheckWide, OtherFillsAllowNoInfinity) {
  for (const Fill fill : {Fill::uniform, Fill::normal, Fill::constant, Fill::zeros, Fill::integers}) {
    Answered a(Precision::fp16, 0);
    a.gemm.fill = fill;
    a.inputs = a.gemm.inputs(kSeed);
    std::vector<int64_t> all(static_cast<size_t>(a.gemm.outputs()));
    std::iota(all.begin(), all.end(), 0);
    a.expected = plain(a.gemm, a.inputs, all);
    for (const int64_t i : all) store(a.output, i, a.expected[static_cast<size_t>(i)]);
    EXPECT_EQ(a.held().verdict, Verdict::ok) << name(fill) << a.held().where;
    EXPECT_EQ(a.with(9, kInfinity), Verdict::wrong) << name(fill);
    EXPECT_EQ(a.with(9, kInfinity, 0x1p-11), Verdict::wrong) << name(fill);
  }
}

}  // namespace
}  // namespace breakeven
