// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/accuracy.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "harness/operand.h"

namespace breakeven {
namespace {

constexpr uint64_t kSeed = 5;

/// Everything in this test is computed by two plain loops: over triples (result, left, right) of flat
/// indices.
using Visit = std::function<void(int64_t result, int64_t left, int64_t right)>;

void each_product(const Gemm& g, const Visit& visit) {
  for (int64_t i = 0; i < g.outputs(); ++i) {
    const int64_t column = i % g.n, row = i / g.n, batch = row / g.m;
    for (int64_t p = 0; p < g.k; ++p) visit(i, row * g.k + p, (batch * g.k + p) * g.n + column);
  }
}

/// Forward alone, without groups and dilation.
void each_product(const Conv2d& c, const Visit& visit) {
  for (int64_t y = 0; y < c.n * c.p() * c.q() * c.k; ++y) {
    const int64_t k = y % c.k, q = y / c.k % c.q(), p = y / c.k / c.q() % c.p(), n = y / c.k / c.q() / c.p();
    for (int64_t tap = 0; tap < c.r * c.s * c.c; ++tap) {
      const int64_t l = tap % c.c, j = tap / c.c % c.s, i = tap / c.c / c.s;
      const int64_t h = p * c.stride - c.padding + i, w = q * c.stride - c.padding + j;
      if (h < 0 || h >= c.h || w < 0 || w >= c.w) continue;
      visit(y, ((n * c.h + h) * c.w + w) * c.c + l, ((k * c.r + i) * c.s + j) * c.c + l);
    }
  }
}

template <class P>
std::vector<double> sums(const P& p, const std::vector<double>& left, const std::vector<double>& right) {
  std::vector<long double> sums(static_cast<size_t>(p.results()[0].size()));
  each_product(p, [&](int64_t y, int64_t a, int64_t b) {
    sums[static_cast<size_t>(y)] += static_cast<long double>(left[static_cast<size_t>(a)]) *
                                    static_cast<long double>(right[static_cast<size_t>(b)]);
  });
  return {sums.begin(), sums.end()};
}

std::vector<double> decoded(const Tensor& t) {
  std::vector<double> values(static_cast<size_t>(t.size()));
  t.decode(0, 1, values);
  return values;
}

std::vector<double> judge(const Problem& problem, const Inputs& inputs, std::span<const int64_t> probes) {
  std::vector<double> all;
  const std::vector<double> left = decoded(inputs.operands[0]), right = decoded(inputs.operands[1]);
  if (const auto* g = std::get_if<Gemm>(&problem)) all = sums(*g, left, right);
  if (const auto* c = std::get_if<Conv2d>(&problem)) all = sums(*c, left, right);
  if (inputs.operands.size() == 3) {
    for (size_t i = 0; i < all.size(); ++i) {
      const int64_t columns = inputs.operands[2].size();
      all[i] = std::max(0.0, all[i] + inputs.operands[2].at(static_cast<int64_t>(i) % columns));
    }
  }
  std::vector<double> out;
  for (const int64_t at : probes) out.push_back(all[static_cast<size_t>(at)]);
  return out;
}

Tensor stored(const ArrayShape& shape, const std::vector<double>& values) {
  Tensor out = shape.make();
  for (int64_t i = 0; i < out.size(); ++i) {
    const double value = values[static_cast<size_t>(i)];
    const uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
    switch (shape.element) {
      case Element::fp64:
        out.as<double>()[i] = value;
        break;
      case Element::fp32:
        out.as<uint32_t>()[i] = bits;
        break;
      case Element::bf16:
        out.as<uint16_t>()[i] = to_bf16(bits);
        break;
      case Element::fp16:
        out.as<uint16_t>()[i] = to_fp16(bits);
        break;
      default:
        out.as<int32_t>()[i] = static_cast<int32_t>(std::nearbyint(value));
    }
  }
  return out;
}

/// What a perfect contender writes: the sums of the rounded operands, rounded once.
template <class P>
Tensor perfect(const P& p, const Inputs& inputs) {
  std::vector<int64_t> all(static_cast<size_t>(p.results()[0].size()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  return stored(p.results()[0], judge(p, inputs, all));
}

/// The uniform draws before any rounding.
std::vector<double> draws(int64_t size, uint64_t stream, Precision p) {
  std::vector<double> values;
  for (uint64_t i = 0; i < static_cast<uint64_t>(size); ++i) {
    values.push_back(p == Precision::fp64 ? uniform_fp64(uniform_word(kSeed, stream, 2 * i),
                                                         uniform_word(kSeed, stream, 2 * i + 1))
                                          : uniform_fp32(uniform_word(kSeed, stream, i)));
  }
  return values;
}

struct Expected {
  double normwise = 0, worst = 0;
};
Expected errors(const std::vector<double>& reference, const std::vector<double>& got) {
  double off = 0, size = 0, most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    off += std::pow(got[i] - reference[i], 2);
    size += std::pow(reference[i], 2);
    most = std::max(most, std::abs(got[i] - reference[i]));
  }
  return {std::sqrt(off / size), most / std::sqrt(size / static_cast<double>(got.size()))};
}

template <class P>
void expect_agreement(const P& p) {
  const Tensor output = perfect(p, p.inputs(kSeed));
  std::vector<double> got = decoded(output);
  if (p.precision == Precision::int8) {
    for (double& value : got) value /= 127.5 * 127.5;
  }
  const auto shapes = p.operands();
  const Expected expected =
      errors(sums(p, draws(shapes[0].size(), 0, p.precision), draws(shapes[1].size(), 1, p.precision)), got);
  const Accuracy found = accuracy_of(p, kSeed, output, judge).value();
  EXPECT_NEAR(found.normwise, expected.normwise, 1e-9 * expected.normwise + 1e-15) << p.name();
  EXPECT_NEAR(found.worst, expected.worst, 1e-9 * expected.worst + 1e-15) << p.name();
  EXPECT_EQ(found.elements, output.size());
  EXPECT_EQ(found.nonfinite + found.underflowed + found.overflowed, 0);
}

TEST(Accuracy, AgreesWithAnIndependentComputation) {
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::tf32, Precision::bf16,
                            Precision::fp16, Precision::fp8e4m3, Precision::int8}) {
    SCOPED_TRACE(name(p));
    expect_agreement(Gemm{.batch = 2, .m = 19, .n = 23, .k = 70, .precision = p});
    expect_agreement(Conv2d{
        .n = 2, .c = 5, .h = 7, .w = 6, .k = 4, .r = 3, .s = 2, .stride = 2, .padding = 1, .precision = p});
  }
}

double normwise(const Gemm& g) {
  return accuracy_of(g, kSeed, perfect(g, g.inputs(kSeed)), judge).value().normwise;
}

// The sizes one expects of a perfect contender: round-off of the operands and of the result.
TEST(Accuracy, IsThatOfThePrecision) {
  const auto at = [](Precision p) { return normwise({.m = 40, .n = 40, .k = 200, .precision = p}); };
  EXPECT_LT(at(Precision::fp64), 2e-16);
  EXPECT_LT(at(Precision::fp32), 6e-8);
  EXPECT_NEAR(std::log2(at(Precision::tf32)), -12, 1);
  EXPECT_NEAR(std::log2(at(Precision::fp16)), -12, 1);
  EXPECT_NEAR(std::log2(at(Precision::bf16)), -8.7, 1);
  EXPECT_NEAR(std::log2(at(Precision::fp8e4m3)), -5, 1);
  EXPECT_NEAR(std::log2(at(Precision::int8)), -7.4, 1);
}

TEST(Accuracy, PutsBiasAndScaleInUnitsOfTheReference) {
  Gemm g{.m = 20, .n = 24, .k = 90, .epilogue = Epilogue::bias_relu, .precision = Precision::int8};
  EXPECT_LT(normwise(g), 0.02);
  g.fill = Fill::integers;
  EXPECT_LT(normwise(g), 0.05);  // the bias, a fraction, is lost to integers: 0.5 of sums around 20
  g.precision = Precision::bf16;
  g.fill = Fill::wide;
  for (const int scale : {0, 12, 60}) {
    g.scale_log2 = scale;
    EXPECT_LT(normwise(g), 0.01) << scale;
  }
}

TEST(Accuracy, ProbesLargeResultsAllOver) {
  const Gemm g{.m = 300, .n = 200, .k = 100, .precision = Precision::bf16};
  const Tensor output = perfect(g, g.inputs(kSeed));
  std::vector<int64_t> looked_at;
  const auto noting = [&](const Problem& p, const Inputs& inputs, std::span<const int64_t> probes) {
    looked_at.assign(probes.begin(), probes.end());
    return judge(p, inputs, probes);
  };
  const Accuracy found = accuracy_of(g, kSeed, output, noting).value();
  EXPECT_GE(found.elements, 256);
  EXPECT_LT(found.elements, output.size());
  for (size_t i = 1; i < looked_at.size(); ++i) {
    EXPECT_GT(looked_at[i], looked_at[i - 1]);
    EXPECT_LT(looked_at[i] - looked_at[i - 1], 2 * output.size() / found.elements + 2);
  }
  EXPECT_NEAR(std::log2(found.normwise), -8.7, 1);
}

struct Lost {
  double zero, infinite;
};
Lost lost(Precision p, int scale) {
  const Gemm g{.m = 8, .n = 300, .k = 100, .precision = p, .fill = Fill::wide, .scale_log2 = scale};
  const Accuracy a = accuracy_of(g, kSeed, perfect(g, g.inputs(kSeed)), judge).value();
  return {a.underflowed, a.overflowed};
}

// Exponents of the gradients are uniform on -34 .. -5: a thirtieth of them each.
TEST(Accuracy, CountsWhatRoundingLoses) {
  EXPECT_NEAR(lost(Precision::fp16, 0).zero, 9.0 / 30, 0.01);  // below half of 2^-24
  EXPECT_NEAR(lost(Precision::fp16, 4).zero, 5.0 / 30, 0.01);
  EXPECT_EQ(lost(Precision::fp16, 12).zero, 0);
  EXPECT_EQ(lost(Precision::fp16, 12).infinite, 0);
  EXPECT_NEAR(lost(Precision::fp16, 24).infinite, 4.0 / 30, 0.01);
  EXPECT_NEAR(lost(Precision::fp8e4m3, 0).zero, 24.0 / 30, 0.01);                 // below half of 2^-9
  EXPECT_NEAR(lost(Precision::fp8e4m3, 16).infinite, (3 + 3.0 / 16) / 30, 0.01);  // from 464 on
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::tf32, Precision::bf16}) {
    for (const int scale : {0, 60}) {
      EXPECT_EQ(lost(p, scale).zero + lost(p, scale).infinite, 0) << name(p) << scale;
    }
  }
}

TEST(Accuracy, LeavesOutAndCountsWhatIsNotFinite) {
  const Gemm g{.m = 10, .n = 10, .k = 30, .precision = Precision::fp16};
  Tensor output = perfect(g, g.inputs(kSeed));
  const double before = accuracy_of(g, kSeed, output, judge).value().normwise;
  output.as<uint16_t>()[7] = 0x7C00;   // infinity
  output.as<uint16_t>()[50] = 0xFFFF;  // NaN
  const Accuracy found = accuracy_of(g, kSeed, output, judge).value();
  EXPECT_DOUBLE_EQ(found.nonfinite, 0.02);
  EXPECT_NEAR(found.normwise, before, 0.2 * before);
  poison(output);
  EXPECT_EQ(accuracy_of(g, kSeed, output, judge).value().nonfinite, 1);
  EXPECT_TRUE(std::isnan(accuracy_of(g, kSeed, output, judge).value().normwise));
}

TEST(Accuracy, OfZerosIsAbsolute) {
  const Gemm g{.m = 4, .n = 4, .k = 4, .fill = Fill::zeros};
  Tensor output = perfect(g, g.inputs(kSeed));
  EXPECT_EQ(accuracy_of(g, kSeed, output, judge).value().normwise, 0);
  output.as<float>()[3] = 0.5f;
  EXPECT_EQ(accuracy_of(g, kSeed, output, judge).value().worst, 0.5);
}

}  // namespace
}  // namespace breakeven
