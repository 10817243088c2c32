// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainUpdateTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainUpdateTest, every_element(), element_name);

using train::Optimizer;
using train::OptimizerKind;

struct Weight {
  double p, m, v;
};
/// harness/train/optimizer.h, one parameter.
Weight updated(const Optimizer& o, Weight w, double g, double r, double d, int t) {
  switch (o.kind) {
    case OptimizerKind::sgd:
      g += d * w.p;
      w.m = o.momentum * w.m + g;
      w.p -= r * (g + o.momentum * w.m);
      return w;
    case OptimizerKind::adamw:
      w.p -= r * d * w.p;
      w.m = o.beta1 * w.m + (1 - o.beta1) * g;
      w.v = o.beta2 * w.v + (1 - o.beta2) * g * g;
      w.p -=
          r * (w.m / (1 - std::pow(o.beta1, t))) / (std::sqrt(w.v / (1 - std::pow(o.beta2, t))) + o.epsilon);
      return w;
    case OptimizerKind::adagrad:
      w.v += g * g;
      w.p -= r * g / (std::sqrt(w.v) + o.epsilon);
  }
  return w;
}

TEST_P(TrainUpdateTest, OptimizersDoWhatTheySay) {
  constexpr size_t kSize = 20000;
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::adagrad}) {
    everywhere([&](const TrainLoops& loops) {
      std::vector<float> p = some_floats(kSize, 1), m(kSize), v(kSize);
      std::vector<uint8_t> decays(kSize / 16);
      for (size_t i = 0; i < decays.size(); ++i) decays[i] = i % 3 == 0;
      Elements copy(element(), kSize);
      Update update{.parameters = p.data(),
                    .first = m.data(),
                    .second = v.data(),
                    .copy = copy.data(),
                    .decays = decays.data(),
                    .n = kSize,
                    .optimizer = {.kind = kind, .decay = 0.1f},
                    .rate = 0.01f,
                    .factor = 0.5f};
      std::vector<Weight> wanted(kSize);
      for (size_t i = 0; i < kSize; ++i) wanted[i] = {static_cast<double>(p[i]), 0, 0};
      for (int step = 1; step <= 3; ++step) {
        const std::vector<float> g = some_floats(kSize, static_cast<uint32_t>(step));
        update.gradients = g.data();
        update.number = step;
        loops.update(update);
        for (size_t i = 0; i < kSize; ++i) {
          wanted[i] = updated(update.optimizer, wanted[i], 0.5 * static_cast<double>(g[i]), 0.01,
                              decays[i / 16] ? 0.1 : 0, step);
        }
      }
      const auto parameter = [&](int64_t i) { return wanted[static_cast<size_t>(i)].p; };
      expect(p, parameter, 3e-7, "parameters");
      expect(
          copy, [&](int64_t i) { return static_cast<double>(p[static_cast<size_t>(i)]); }, 0, "copy");
    });
  }
}

TEST_P(TrainUpdateTest, WhatIsZeroStaysSo) {
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::adagrad}) {
    everywhere([&](const TrainLoops& loops) {
      std::vector<float> p(32), g(32), m(32), v(32);
      const uint8_t decays[2] = {1, 0};
      loops.update({.parameters = p.data(),
                    .gradients = g.data(),
                    .first = m.data(),
                    .second = v.data(),
                    .decays = decays,
                    .n = 32,
                    .optimizer = {.kind = kind, .decay = 0.1f},
                    .rate = 0.1f});
      EXPECT_EQ(p, std::vector<float>(32));
    });
  }
}

TEST_P(TrainUpdateTest, GradientsAreUnscaledMeasuredAndFoundOut) {
  everywhere([&](const TrainLoops& loops) {
    Room room;
    for (const size_t n : {1, 35, 10007}) {
      const std::vector<float> given = some_floats(static_cast<int64_t>(n), 3);
      std::vector<float> g = given;
      const GradientFacts facts = loops.gradient_facts(g.data(), static_cast<int64_t>(n), 0.125f, room);
      double squares = 0;
      for (size_t i = 0; i < n; ++i) {
        EXPECT_EQ(g[i], given[i] * 0.125f);
        squares += std::pow(static_cast<double>(g[i]), 2);
      }
      EXPECT_NEAR(facts.squares, squares, 1e-5 * squares);
      EXPECT_TRUE(facts.finite);
      for (const float alien :
           {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
            std::numeric_limits<float>::quiet_NaN()}) {
        for (const size_t where : {size_t{0}, n / 2, n - 1}) {
          std::vector<float> bad = given;
          bad[where] = alien;
          EXPECT_FALSE(loops.gradient_facts(bad.data(), static_cast<int64_t>(n), 1, room).finite);
        }
      }
    }
    std::vector<float> large(64, 3e38f);
    EXPECT_TRUE(loops.gradient_facts(large.data(), 64, 1, room).finite);
  });
}

}  // namespace
}  // namespace breakeven::cpu
