// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "harness/train/program.h"

namespace breakeven::train {

/// Everything a program's operations read and write, in double.
struct Arrays {
  std::vector<std::vector<double>> values;    // by ValueId; empty where nobody knows
  std::vector<double> parameters, gradients;  // arenas (program.h)
  std::vector<double> states;                 // running statistics
};

/// Whether a batch normalization takes the batch's statistics (and moves the running ones) or the running
/// ones.
enum class Mode : uint8_t { training, evaluation };

/// Computes one operation by plain loops in double: reads values[in] and parameters, writes values[out],
/// gradients and states. A function, so that the harness knows nobody who computes.
using OperationJudge = std::function<void(const Program&, const Op&, Arrays&, Mode)>;

}  // namespace breakeven::train
