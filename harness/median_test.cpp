// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/median.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace breakeven {
namespace {

TEST(Median, OfOddEvenAndNone) {
  EXPECT_EQ(median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(median(std::vector<double>{4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
}

// Ranks from tables of the binomial distribution, for example n = 10: P(X <= 1) = 0.0107, P(X <= 2) = 0.0547.
TEST(MedianInterval, TakesTheOrderStatisticsOfTheTables) {
  const auto ranks = [](int n) {
    std::vector<double> values(static_cast<size_t>(n));
    std::iota(values.begin(), values.end(), 1.0);
    const MedianInterval interval = median_interval(values);
    return std::pair(interval.low, interval.high);
  };
  EXPECT_EQ(ranks(5), std::pair(1.0, 5.0));
  EXPECT_EQ(ranks(6), std::pair(1.0, 6.0));
  EXPECT_EQ(ranks(10), std::pair(2.0, 9.0));
  EXPECT_EQ(ranks(20), std::pair(6.0, 15.0));
  EXPECT_EQ(ranks(50), std::pair(18.0, 33.0));
  EXPECT_EQ(ranks(100), std::pair(40.0, 61.0));
}

TEST(MedianInterval, IsRightAcrossTheSwitchToTheNormalApproximation) {
  std::vector<double> values(2000);
  std::iota(values.begin(), values.end(), 1.0);
  const MedianInterval interval = median_interval(values);
  EXPECT_NEAR(interval.low, 956, 2);
  EXPECT_NEAR(interval.high, 1045, 2);
}

TEST(MedianInterval, HoldsTheTrueMedianAsOftenAsItSays) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> skewed(0, 1);  // true median 1
  int held = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> values(25);
    for (double& v : values) v = skewed(random);
    const MedianInterval interval = median_interval(values);
    held += interval.low <= 1 && 1 <= interval.high;
  }
  EXPECT_GT(held, kTrials * 94 / 100);
}

TEST(MedianInterval, RelativeIsHalfTheWidth) {
  EXPECT_DOUBLE_EQ((MedianInterval{2, 1.9, 2.3}.relative()), 0.1);
  EXPECT_EQ(MedianInterval{}.relative(), 0);
}

}  // namespace
}  // namespace breakeven
