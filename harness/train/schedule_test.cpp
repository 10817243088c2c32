// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/train/workload.h"

namespace breakeven::train {
namespace {

TEST(Schedule, RisesHoldsAndFalls) {
  const Schedule s{.batch = 32, .steps = 100, .rate = 2, .warmup = 0.2, .hold = 0.5, .last = 0.1};
  EXPECT_DOUBLE_EQ(rate_at(s, 0, 100), 0.1);
  EXPECT_DOUBLE_EQ(rate_at(s, 19, 100), 2);
  EXPECT_DOUBLE_EQ(rate_at(s, 49, 100), 2);
  EXPECT_DOUBLE_EQ(rate_at(s, 50, 100), 2);
  EXPECT_DOUBLE_EQ(rate_at(s, 75, 100), 1.1);
  EXPECT_NEAR(rate_at(s, 99, 100), 0.2 + 1.8 / 50, 1e-12);
}

TEST(Schedule, WithoutWarmupFallsFromTheStart) {
  const Schedule s{.batch = 32, .epochs = 2, .rate = 0.1};
  EXPECT_DOUBLE_EQ(rate_at(s, 0, 10), 0.1);
  EXPECT_DOUBLE_EQ(rate_at(s, 5, 10), 0.05);
}

TEST(Schedule, DropsTheLastPartialBatch) {
  EXPECT_EQ(step_count({.batch = 32, .epochs = 3}, 100), 9);
  EXPECT_EQ(step_count({.batch = 32, .steps = 250}, 100), 250);
}

TEST(Schedule, AnotherBatchSeesAsManySamples) {
  const Schedule s{.batch = 32, .steps = 250, .rate = 0.1};
  const Schedule sgd = with_batch(s, OptimizerKind::sgd, 128),
                 adam = with_batch(s, OptimizerKind::adamw, 128);
  EXPECT_EQ(sgd.steps, 63);
  EXPECT_DOUBLE_EQ(sgd.rate, 0.4);
  EXPECT_DOUBLE_EQ(adam.rate, 0.2);
}

}  // namespace
}  // namespace breakeven::train
