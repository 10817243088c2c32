// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace breakeven::cpu {
namespace {

using namespace train;

/// Two parameters of one element: the first decays, the second does not.
Program two_parameters() {
  Program p;
  p.parameters = {{.name = "weight", .shape = {1}, .offset = 0, .size = 1},
                  {.name = "bias", .shape = {1}, .offset = kArenaAlignment, .size = 1, .decays = false}};
  return p;
}
constexpr size_t kBias = kArenaAlignment;

struct Training {
  explicit Training(const Optimizer& o) : program(two_parameters()), optimizer(program, o) {
    const auto size = static_cast<size_t>(program.arena_size());
    arrays.parameters.assign(size, 0.0);
    arrays.gradients.assign(size, 0.0);
    arrays.parameters[0] = arrays.parameters[kBias] = 1;
  }
  void step(double rate, double weight_gradient, double bias_gradient) {
    arrays.gradients[0] = weight_gradient;
    arrays.gradients[kBias] = bias_gradient;
    optimizer.update(program, rate, ++number, arrays);
  }
  double weight() const { return arrays.parameters[0]; }
  double bias() const { return arrays.parameters[kBias]; }
  Program program;
  JudgeOptimizer optimizer;
  Arrays arrays;
  int64_t number = 0;
};

TEST(JudgeOptimizer, NesterovLooksAhead) {
  Training t({.kind = OptimizerKind::sgd, .momentum = 0.5f, .decay = 0.25f});
  t.step(0.5, 2, 2);
  EXPECT_DOUBLE_EQ(t.weight(), 1 - 0.5 * 1.5 * 2.25);  // m = g = 2 + 0.25
  EXPECT_DOUBLE_EQ(t.bias(), 1 - 0.5 * 1.5 * 2);       // m = 2
  t.step(0.5, 0, 4);
  EXPECT_DOUBLE_EQ(t.bias(), -0.5 - 0.5 * (4 + 0.5 * 5));  // m = 0.5 x 2 + 4
}

TEST(JudgeOptimizer, AdamCorrectsTheBiasOfItsMoments) {
  Training t({.kind = OptimizerKind::adamw, .beta1 = 0.5f, .beta2 = 0.75f, .epsilon = 0.125f, .decay = 0.5f});
  t.step(0.25, 3, -2);
  // Corrected, the first step's moments are g and g^2.
  EXPECT_DOUBLE_EQ(t.weight(), (1 - 0.25 * 0.5) - 0.25 * 3 / (3 + 0.125));
  EXPECT_DOUBLE_EQ(t.bias(), 1 + 0.25 * 2 / (2 + 0.125));
  const double before = t.bias();
  t.step(0.25, 0, 6);
  // m = 0.5 x -1 + 0.5 x 6 = 2.5, of 1 - 0.5^2; v = 0.75 x 1 + 0.25 x 36 = 9.75, of 1 - 0.75^2.
  EXPECT_DOUBLE_EQ(t.bias(), before - 0.25 * (2.5 / 0.75) / (std::sqrt(9.75 / 0.4375) + 0.125));
}

TEST(JudgeOptimizer, AdagradRemembersEverySquare) {
  Training t({.kind = OptimizerKind::adagrad, .epsilon = 0.5f});
  t.step(0.25, 3, 0);
  EXPECT_DOUBLE_EQ(t.weight(), 1 - 0.25 * 3 / 3.5);
  EXPECT_DOUBLE_EQ(t.bias(), 1);
  const double before = t.weight();
  t.step(0.25, -4, 0);
  EXPECT_DOUBLE_EQ(t.weight(), before + 0.25 * 4 / 5.5);  // v = 9 + 16
}

TEST(JudgeOptimizer, ClippingIsByTheNormOfTheWholeArena) {
  const Optimizer clipping{.kind = OptimizerKind::sgd, .momentum = 0, .clip = 1};
  Training t(clipping);
  t.step(1, 3, 4);
  EXPECT_DOUBLE_EQ(t.weight(), 1 - 3.0 / 5);
  EXPECT_DOUBLE_EQ(t.bias(), 1 - 4.0 / 5);
  EXPECT_EQ(t.arrays.gradients[kBias], 4) << "gradients are given back as they were";
  Training small(clipping);
  small.step(1, 0.25, 0.5);
  EXPECT_DOUBLE_EQ(small.bias(), 0.5) << "short ones stay";
}

}  // namespace
}  // namespace breakeven::cpu
