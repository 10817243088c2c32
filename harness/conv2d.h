// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/gemm.h"

namespace breakeven {

/// What is computed from what: the output, or the gradient of the input or of the filter.
enum class Direction : uint8_t { forward, backward_data, backward_weights };
std::string_view name(Direction);  // "fwd", "bwdd", "bwdw"

/// A two-dimensional convolution (cross-correlation, as in deep learning), NHWC, the filter KRSC, all dense:
///   y[n,p,q,k] = sum over i < r, j < s, l < c/g of
///                x[n, p u - pad + i d, q u - pad + j d, (k / (K/g)) c/g + l] * w[k,i,j,l]
/// with x zero outside. `backward_data` computes dx from dy and w, `backward_weights` dw from x and dy. With
/// `bias_relu` (forward alone) y = max(0, y + bias[k]), the bias as in a Gemm.
struct Conv2d {
  Direction direction = Direction::forward;
  int64_t n = 0, c = 0, h = 0, w = 0;  // of x
  int64_t k = 0, r = 0, s = 0;         // filters, their height and width
  int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
  Epilogue epilogue = Epilogue::none;
  Precision precision = Precision::fp32;

  int64_t p() const { return (h + 2 * padding - dilation * (r - 1) - 1) / stride + 1; }  // height of y
  int64_t q() const { return (w + 2 * padding - dilation * (s - 1) - 1) / stride + 1; }  // width of y
  int64_t group_channels() const { return c / groups; }
  int64_t group_filters() const { return k / groups; }

  /// `fwd|bwdd|bwdw-n..c..h..w..k..r..s..u..p..[d..][g..][+bias_relu]`, for example
  /// `fwd-n16c64h56w56k64r3s3u1p1`.
  std::string name() const;
  /// Multiply-adds of the direct algorithm, twice, whatever a contender uses instead; products with the
  /// padding are not counted (as benchdnn counts). Each operand read once and the result written once.
  Work work() const;
  /// forward x, w[, bias]; backward_data dy, w; backward_weights x, dy. Streams 0, 1, 2.
  std::vector<ArrayShape> operands() const;
  /// y, dx or dw.
  std::vector<ArrayShape> results() const;
  Inputs inputs(uint64_t seed) const;

  std::vector<int64_t> x_extents() const { return {n, h, w, c}; }
  std::vector<int64_t> w_extents() const { return {k, r, s, group_channels()}; }
  std::vector<int64_t> y_extents() const { return {n, p(), q(), k}; }
  Element bias_element() const { return precision == Precision::fp64 ? Element::fp64 : Element::fp32; }
  /// Products that one element of the result sums, at most.
  int64_t longest_sum() const;
  bool operator==(const Conv2d&) const = default;
};

/// The inverse of `name` (u, p, d and g may be left out: 1, 0, 1, 1); on failure the reason, one phrase that
/// names the offending part: a filter larger than the padded input, channels not divisible by groups, a
/// stride of 0.
std::optional<Conv2d> parse_conv2d(std::string_view text, Precision precision, std::string* why);

}  // namespace breakeven
