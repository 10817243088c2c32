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

}  // namespace breakeven::conformance
