// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/operand.h"

// What the two halves of Freivalds' test of a convolution share.

namespace breakeven {

inline constexpr int kSignVectors = 2;

/// One of two vectors of +1 and -1.
inline std::vector<double> random_signs(int64_t size, uint64_t seed, int vector) {
  std::vector<double> drawn(static_cast<size_t>(size));
  for (size_t i = 0; i < drawn.size(); ++i) {
    drawn[i] = uniform_word(seed, 0x90 + static_cast<uint64_t>(vector), i) & 1u ? 1.0 : -1.0;
  }
  return drawn;
}

/// sum_i a[i] b[i] in four chains, so that the additions overlap.
template <class Real, class B>
Real signed_dot(const double* a, const B* b, int64_t size) {
  Real sum[4] = {0, 0, 0, 0};
  int64_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (int64_t lane = 0; lane < 4; ++lane)
      sum[lane] += static_cast<Real>(a[i + lane]) * static_cast<Real>(b[i + lane]);
  }
  for (; i < size; ++i) sum[0] += static_cast<Real>(a[i]) * static_cast<Real>(b[i]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

inline double squared_norm(const double* values, int64_t size) {
  return signed_dot<double>(values, values, size);
}

}  // namespace breakeven
