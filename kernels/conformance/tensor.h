// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

// The tensor of the TMA probes, and the boxes that are moved: the same for the kernels and for the formulas
// they are held against. x is the innermost dimension.

namespace breakeven::conformance {

inline constexpr int kTensorRows = 37, kTensorBatches = 2, kTensorPitch = 208;  // bytes from row to row
inline constexpr int kTensorBytes = kTensorPitch * kTensorRows * kTensorBatches;
inline constexpr int kBoxRows = 24;

/// The bytes of a row that belong to the tensor; the pitch holds more.
constexpr int tensor_columns(int element_bytes) { return 200 / element_bytes; }

struct Place {
  int x, y, z;
};
/// Inside, across each border, and outside.
inline constexpr Place kPlaces[] = {{0, 0, 0},  {16, 8, 1}, {-3, -5, 0}, {41, 33, 1},
                                    {7, 36, 1}, {0, 0, 2},  {-600, 0, 0}};
inline constexpr int kPlaceCount = sizeof kPlaces / sizeof kPlaces[0];

/// The same bytes as images for im2col mode: [images][rows][columns], pixels `kPixelPitch` bytes apart.
inline constexpr int kImages = 2, kImageRows = 9, kImageColumns = 7, kPixelPitch = 112;
static_assert(kImages * kImageRows * kImageColumns * kPixelPitch <= kTensorBytes);
/// The bytes of a pixel that belong to the tensor.
constexpr int pixel_channels(int element_bytes) { return 104 / element_bytes; }

/// A box of filter corners: other corners and steps along w than along h, so that an exchange is seen.
struct Walk {
  int lower_w, lower_h, upper_w, upper_h, step_w, step_h;
};
inline constexpr Walk kDense = {-1, -2, -1, 1, 1, 1}, kStrided = {-1, -2, -1, 0, 2, 3};

/// Loads of kBoxRows pixels: from corner number `corner` on, channel `c`, read at the offsets.
struct PixelLoad {
  int corner, c, offset_w, offset_h;
};
inline constexpr PixelLoad kPixelLoads[] = {
    {0, 0, 0, 0}, {5, 8, 1, 0}, {11, 0, 0, 2}, {30, -4, 2, 1}, {31, 40, 3, 5}};
inline constexpr int kPixelLoadCount = sizeof kPixelLoads / sizeof kPixelLoads[0];

}  // namespace breakeven::conformance
