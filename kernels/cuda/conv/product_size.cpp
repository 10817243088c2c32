// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv/product_size.h"

#include <algorithm>
#include <numeric>

namespace breakeven::cuda {

ProductSize product_size(const Conv2d& v, const Phases& phases) {
  const int64_t taps = v.r * v.s * v.group_channels(), positions = v.n * v.p() * v.q();
  switch (v.direction) {
    case Direction::backward_data: {
      const auto most = [](int64_t all, int64_t step) { return (all + step - 1) / step; };
      return {v.groups * phases.y * phases.x, v.n * most(v.h, v.stride) * most(v.w, v.stride),
              v.group_channels(),
              most(v.r, phases.tap_step) * most(v.s, phases.tap_step) * v.group_filters()};
    }
    case Direction::backward_weights:
      return {v.groups, v.group_filters(), taps, positions};
    case Direction::forward:
      break;
  }
  return {v.groups, positions, v.group_filters(), taps};
}

Phases phases_of(const Conv2d& v) {
  if (v.direction != Direction::backward_data) return {1, 1, 1, 1};
  const int64_t common = std::gcd(v.stride, v.dilation);
  return {static_cast<int>(std::min(v.stride, v.h)), static_cast<int>(std::min(v.stride, v.w)),
          static_cast<int>(v.stride / common), static_cast<int>(v.dilation / common)};
}

Reason why_not_implicit_gemm(const Conv2d& v) {
  if (v.precision == Precision::fp64) return "fp64 is not written for this kernel; conv_direct has it";
  if (const Reason why = why_not_any_conv(v)) return why;
  const ProductSize size = product_size(v, phases_of(v));
  constexpr int64_t kMost = 1 << 30;
  if (size.k > kMost || size.n > kMost) return "more than 2^30 products in a sum, or columns of the product";
  return std::nullopt;
}

}  // namespace breakeven::cuda
