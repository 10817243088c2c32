// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_optimizer.h"

#include <algorithm>
#include <cmath>

#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

using namespace train;

/// What one update is told, in double.
struct Update {
  double rate, decay;  // decay: of this parameter
  double factor;       // of the gradient: clipping
  double momentum, beta1, beta2, epsilon;
  double correction1, correction2;  // 1 - beta^t
};

void sgd(const Update& u, double gradient, double& p, double& m) {
  const double g = u.factor * gradient + u.decay * p;
  m = u.momentum * m + g;
  p -= u.rate * (g + u.momentum * m);
}

void adamw(const Update& u, double gradient, double& p, double& m, double& v) {
  const double g = u.factor * gradient;
  p -= u.rate * u.decay * p;
  m = u.beta1 * m + (1 - u.beta1) * g;
  v = u.beta2 * v + (1 - u.beta2) * g * g;
  p -= u.rate * (m / u.correction1) / (std::sqrt(v / u.correction2) + u.epsilon);
}

void adagrad(const Update& u, double gradient, double& p, double& v) {
  const double g = u.factor * gradient;
  v += g * g;
  p -= u.rate * g / (std::sqrt(v) + u.epsilon);
}

double norm_of(const std::vector<double>& arena) {
  const std::vector<double> sum = sum_over_rows(
      static_cast<int64_t>(arena.size()), 1,
      [&](int64_t i, double* s) { *s += arena[static_cast<size_t>(i)] * arena[static_cast<size_t>(i)]; });
  return std::sqrt(sum[0]);
}

Update update_of(const Optimizer& o, double rate, int64_t number, const std::vector<double>& gradients) {
  const double t = static_cast<double>(number);
  Update u{.rate = rate,
           .decay = 0,
           .factor = 1,
           .momentum = o.momentum,
           .beta1 = o.beta1,
           .beta2 = o.beta2,
           .epsilon = o.epsilon,
           .correction1 = 1 - std::pow(double{o.beta1}, t),
           .correction2 = 1 - std::pow(double{o.beta2}, t)};
  if (o.clip > 0) u.factor = std::min(1.0, o.clip / norm_of(gradients));
  return u;
}

}  // namespace

JudgeOptimizer::JudgeOptimizer(const Program& program, const Optimizer& optimizer)
    : optimizer_(optimizer),
      first_(static_cast<size_t>(optimizer.kind == OptimizerKind::adagrad ? 0 : program.arena_size()), 0.0),
      second_(static_cast<size_t>(optimizer.kind == OptimizerKind::sgd ? 0 : program.arena_size()), 0.0) {}

void JudgeOptimizer::update(const Program& program, double rate, int64_t number, Arrays& arrays) {
  Update u = update_of(optimizer_, rate, number, arrays.gradients);
  for (const Parameter& parameter : program.parameters) {
    u.decay = parameter.decays ? optimizer_.decay : 0;
    const auto first = static_cast<size_t>(parameter.offset);
#pragma omp parallel for schedule(static)
    for (size_t i = first; i < first + static_cast<size_t>(parameter.size); ++i) {
      const double g = arrays.gradients[i];
      double& p = arrays.parameters[i];
      switch (optimizer_.kind) {
        case OptimizerKind::sgd:
          sgd(u, g, p, first_[i]);
          break;
        case OptimizerKind::adamw:
          adamw(u, g, p, first_[i], second_[i]);
          break;
        case OptimizerKind::adagrad:
          adagrad(u, g, p, second_[i]);
          break;
      }
    }
  }
}

}  // namespace breakeven::cpu
