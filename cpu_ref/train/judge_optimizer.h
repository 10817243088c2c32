// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/train/operation_judge.h"
#include "harness/train/optimizer.h"

namespace breakeven::cpu {

/// The optimizers of harness/train/optimizer.h, in double.
class JudgeOptimizer {
 public:
  /// Moments zero.
  JudgeOptimizer(const train::Program&, const train::Optimizer&);

  /// Step `number` (from 1) at this learning rate. Leaves the gradients as they are.
  void update(const train::Program&, double rate, int64_t number, train::Arrays&);

 private:
  train::Optimizer optimizer_;
  std::vector<double> first_, second_;  // m and v of optimizer.h; arenas
};

}  // namespace breakeven::cpu
