// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>
#include <vector>

#include "harness/conv_gather.h"

namespace breakeven {

/// At least |a| |b| (Euclidean norms) of the two vectors whose inner product an element of the result is. Of
/// the filters and of dw's columns the norm is over all that any place may meet. Each vector computed once.
class ConvNorms {
 public:
  ConvNorms(const Conv2d&, const Inputs&);
  /// Of the element at row-major position `at`.
  double of(int64_t at);

 private:
  using Known = std::unordered_map<int64_t, double>;  // squared, by number of the vector
  double of_gathered(int64_t at);
  double of_weight(int64_t at);
  double patch(int64_t place, int64_t group);
  double filter(int64_t channel);
  double column(const Tensor&, int64_t channels, int64_t channel, Known&);
  double run(const Tensor&, int64_t first, int64_t stride, int64_t size);

  const Conv2d& conv_;
  const Inputs& inputs_;
  const ConvGather gather_;
  Known a_, b_;
  std::vector<double> values_;
};

}  // namespace breakeven
