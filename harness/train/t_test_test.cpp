// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/t_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace breakeven::train {
namespace {

TEST(TTest, CriticalValuesAreThoseOfTheTables) {
  struct Entry {
    double degrees, tail, t;
  };
  for (const Entry& e : {Entry{1, 0.05, 6.314}, Entry{2, 0.05, 2.920}, Entry{5, 0.05, 2.015}, Entry{10, 0.05, 1.812},
                         Entry{30, 0.05, 1.697}, Entry{120, 0.05, 1.658}, Entry{1, 0.025, 12.706},
                         Entry{4, 0.01, 3.747}, Entry{21, 0.005, 2.831}, Entry{60, 0.001, 3.232}}) {
    EXPECT_NEAR(student_t_critical(e.tail, e.degrees), e.t, 5.1e-4) << e.degrees << " " << e.tail;
    EXPECT_NEAR(student_t_tail(e.t, e.degrees), e.tail, 1e-4) << e.degrees << " " << e.tail;
  }
}

TEST(TTest, TailsInClosedForm) {
  for (const double t : {-30.0, -2.0, -0.1, 0.0, 0.5, 1.0, 7.0, 1e3}) {
    EXPECT_NEAR(student_t_tail(t, 1), 0.5 - std::atan(t) / M_PI, 1e-14) << t;
    EXPECT_NEAR(student_t_tail(t, 2), 0.5 - t / (2 * std::sqrt(2 + t * t)), 1e-14) << t;
    EXPECT_NEAR(student_t_tail(t, 3.7) + student_t_tail(-t, 3.7), 1, 1e-14);
  }
  EXPECT_EQ(student_t_tail(HUGE_VAL, 3), 0);
  EXPECT_NEAR(student_t_tail(1.6448536, 1e7), 0.05, 1e-7) << "many degrees: the normal distribution";
}

TEST(TTest, WelchByHand) {
  // Means 3 and 6, variances of the means 2.5/5 and 10/5: t = 3 / sqrt(2.5), degrees 6.25 / (0.0625 + 1).
  const std::vector<double> low{1, 2, 3, 4, 5}, high{2, 4, 6, 8, 10};
  const TTest test = greater(high, low);
  EXPECT_NEAR(test.t, 3 / std::sqrt(2.5), 1e-12);
  EXPECT_NEAR(test.degrees, 6.25 / 1.0625, 1e-12);
  EXPECT_GT(test.p, 0.05);
  EXPECT_LT(test.p, 0.06);
  EXPECT_NEAR(greater(low, high).p, 1 - test.p, 1e-12);
  EXPECT_NEAR(greater(high, low, 3).p, 0.5, 1e-12) << "the margin is taken off";
}

TEST(TTest, NumbersWithoutSpread) {
  const std::vector<double> a{2, 2, 2}, b{1, 1};
  EXPECT_EQ(greater(a, b).p, 0);
  EXPECT_EQ(greater(b, a).p, 1);
  EXPECT_EQ(greater(a, a).p, 1);
  EXPECT_EQ(greater(a, b, 1).p, 1);
}

}  // namespace
}  // namespace breakeven::train
