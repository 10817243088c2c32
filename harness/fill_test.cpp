// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/fill.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <map>

namespace breakeven {
namespace {

constexpr Fill kFills[] = {Fill::uniform,  Fill::normal, Fill::integers,
                           Fill::constant, Fill::zeros,  Fill::wide};
constexpr int64_t kSize = 40000;  // more than one thread fills alone

Tensor filled(Precision p, Fill kind, uint64_t seed = 1, uint64_t stream = 0, int scale = 0) {
  Tensor t(facts(p).input, {kSize});
  fill(t, p, kind, seed, stream, scale);
  return t;
}

struct Moments {
  double mean = 0, deviation = 0, least = 1e300, most = -1e300;
};
Moments moments(const Tensor& t) {
  Moments m;
  double squares = 0;
  for (int64_t i = 0; i < t.size(); ++i) {
    m.mean += t.at(i), squares += t.at(i) * t.at(i);
    m.least = std::min(m.least, t.at(i)), m.most = std::max(m.most, t.at(i));
  }
  m.mean /= static_cast<double>(t.size());
  m.deviation = std::sqrt(squares / static_cast<double>(t.size()) - m.mean * m.mean);
  return m;
}

TEST(Fill, NamesAndParseAreInverse) {
  for (const Fill kind : kFills) EXPECT_EQ(parse_fill(name(kind)), kind);
  EXPECT_FALSE(parse_fill(""));
  EXPECT_FALSE(parse_fill("Zeros"));
}

TEST(Fill, UniformIsWhatEveryProblemHasHadFromTheStart) {
  for (const Precision p : all_precisions()) {
    Tensor before(facts(p).input, {kSize});
    fill_uniform(before, p, 9, 2);
    EXPECT_EQ(fingerprint(filled(p, Fill::uniform, 9, 2)), fingerprint(before)) << name(p);
  }
}

TEST(Fill, NormalIsBellShapedWithinOne) {
  const Moments m = moments(filled(Precision::fp32, Fill::normal));
  EXPECT_NEAR(m.mean, 0, 0.004);
  EXPECT_NEAR(m.deviation, 0.204, 0.003);
  EXPECT_GT(m.least, -1);
  EXPECT_LT(m.most, 1);
  const Tensor t = filled(Precision::fp32, Fill::normal);
  int64_t inner = 0;
  for (int64_t i = 0; i < kSize; ++i) inner += std::abs(t.at(i)) < 0.204 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(inner) / kSize, 0.68, 0.02);  // of uniform draws it would be 0.58
}

TEST(Fill, IntegersAreFiveEquallyFrequentOnes) {
  for (const Precision p : {Precision::fp64, Precision::bf16, Precision::fp8e4m3, Precision::int8}) {
    const Tensor t = filled(p, Fill::integers);
    std::map<double, int64_t> counts;
    for (int64_t i = 0; i < kSize; ++i) ++counts[t.at(i)];
    ASSERT_EQ(counts.size(), 5u) << name(p);
    for (const auto& [value, count] : counts) {
      EXPECT_LE(std::abs(value), 2);
      EXPECT_NEAR(static_cast<double>(count) / kSize, 0.2, 0.01) << value;
    }
  }
}

TEST(Fill, ConstantAndZerosAreThat) {
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::tf32, Precision::bf16,
                            Precision::fp16, Precision::fp8e4m3, Precision::int8}) {
    const Moments half = moments(filled(p, Fill::constant)), none = moments(filled(p, Fill::zeros));
    EXPECT_EQ(half.least, p == Precision::int8 ? 64 : 0.5) << name(p);
    EXPECT_EQ(half.most, half.least);
    EXPECT_EQ(none.least, 0);
    EXPECT_EQ(none.most, 0);
  }
}

TEST(Fill, WideHasThirtyEquallyFrequentExponents) {
  const Tensor t = filled(Precision::fp32, Fill::wide);
  std::map<int, int64_t> counts;
  int64_t negative = 0;
  for (int64_t i = 0; i < kSize; ++i) {
    ++counts[std::ilogb(t.at(i))];
    negative += t.at(i) < 0 ? 1 : 0;
  }
  ASSERT_EQ(counts.size(), 30u);
  EXPECT_EQ(counts.begin()->first, -34);
  EXPECT_EQ(counts.rbegin()->first, -5);
  for (const auto& [exponent, count] : counts) {
    EXPECT_NEAR(static_cast<double>(count) / kSize, 1.0 / 30, 0.005) << exponent;
  }
  EXPECT_NEAR(static_cast<double>(negative) / kSize, 0.5, 0.02);
}

TEST(Fill, ScaleMultipliesBeforeRounding) {
  const Tensor plain = filled(Precision::fp32, Fill::wide);
  const Tensor scaled = filled(Precision::fp32, Fill::wide, 1, 0, 12);
  const Tensor half = filled(Precision::fp16, Fill::wide),
               rescued = filled(Precision::fp16, Fill::wide, 1, 0, 12);
  for (int64_t i = 0; i < 2000; ++i) {
    EXPECT_EQ(scaled.at(i), 4096 * plain.at(i));
    EXPECT_NEAR(rescued.at(i), scaled.at(i), 0x1p-11 * std::abs(scaled.at(i)) + 0x1p-25);
    EXPECT_NEAR(half.at(i), plain.at(i), 0x1p-11 * std::abs(plain.at(i)) + 0x1p-25);
    EXPECT_NE(rescued.at(i), 0);
  }
}

/// Every narrow value is the fp32 value rounded once: none is further away than half a unit of its format.
TEST(Fill, RoundsOnce) {
  const std::pair<Precision, double> kRoundoffs[] = {{Precision::fp64, 0},
                                                     {Precision::tf32, 0x1p-11},
                                                     {Precision::bf16, 0x1p-8},
                                                     {Precision::fp16, 0x1p-11},
                                                     {Precision::fp8e4m3, 0x1p-4}};
  const Tensor exact = filled(Precision::fp32, Fill::normal);
  for (const auto& [p, roundoff] : kRoundoffs) {
    const Tensor rounded = filled(p, Fill::normal);
    const double subnormal = p == Precision::fp8e4m3 ? 0x1p-10 : p == Precision::fp16 ? 0x1p-25 : 0;
    for (int64_t i = 0; i < 4000; ++i) {
      ASSERT_LE(std::abs(rounded.at(i) - exact.at(i)), roundoff * std::abs(exact.at(i)) + subnormal)
          << name(p) << " " << i;
    }
  }
  const Tensor integers = filled(Precision::int8, Fill::normal);
  for (int64_t i = 0; i < 4000; ++i) ASSERT_LE(std::abs(integers.at(i) - 127.5 * exact.at(i)), 0.5) << i;
}

TEST(Fill, DoesNotDependOnTheNumberOfThreads) {
  const int before = omp_get_max_threads();
  for (const Fill kind : kFills) {
    for (const Precision p : {Precision::fp32, Precision::fp8e4m3}) {
      omp_set_num_threads(1);
      const uint64_t alone = fingerprint(filled(p, kind, 4, 1, 3));
      omp_set_num_threads(7);
      EXPECT_EQ(fingerprint(filled(p, kind, 4, 1, 3)), alone) << name(kind);
      omp_set_num_threads(before);
    }
  }
}

TEST(Fill, SeedAndStreamTellOperandsApart) {
  for (const Fill kind : {Fill::uniform, Fill::normal, Fill::integers, Fill::wide}) {
    const uint64_t one = fingerprint(filled(Precision::fp32, kind, 1, 0));
    EXPECT_NE(fingerprint(filled(Precision::fp32, kind, 2, 0)), one);
    EXPECT_NE(fingerprint(filled(Precision::fp32, kind, 1, 1)), one);
    EXPECT_EQ(fingerprint(filled(Precision::fp32, kind, 1, 0)), one);
  }
}

}  // namespace
}  // namespace breakeven
