// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "harness/conv2d.h"

namespace breakeven {

/// What the signed sum of one group of results is off by, for the worst of two random vectors of +1 and -1.
struct ConvResidual {
  int64_t first = 0, step = 1, count = 0;  // elements that were summed: first, first + step, ...
  double residual = 0;                     // NaN when the result holds one
  double output_norm = 0;                  // Euclidean norm of those elements
  double operand_norm = 0;                 // at least the Euclidean norm of their |a| |b|
};
using ResidualSink = std::function<void(std::span<const ConvResidual>)>;

/// Freivalds' test (freivalds.h) of a whole convolution, which is linear in its filters: the elements of one
/// place and group, each with a random sign, must sum to a convolution with one filter, the sum of the
/// filters with the same signs. Over the filters of a group for y, its input channels for dx, its filters for
/// dw. Every element is in one residual. Not for a result with an epilogue. `sink` is called from several
/// threads, one at a time. In double; in long double for fp64 problems.
void conv_residuals(const Conv2d&, const Inputs&, const Tensor& output, uint64_t seed,
                    const ResidualSink& sink);

/// The same for dw alone (conv_freivalds_weights.cpp).
void weight_residuals(const Conv2d&, const Inputs&, const Tensor& output, uint64_t seed, const ResidualSink&);

/// Multiply-adds that takes.
double conv_residuals_cost(const Conv2d&);

}  // namespace breakeven
