// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <cstdint>

#include "harness/precision.h"

namespace breakeven::cuda {

/// `batch` matrices in device memory, rows apart by `pitch` bytes, and the box of them that one copy moves.
/// With the 128-byte swizzle a box row is at most 128 bytes. x along a row, y over rows, z over the batch.
struct MappedMatrix {
  const void* data;
  Element element;
  int64_t batch, rows, columns;
  int64_t pitch;
  int box_rows, box_columns;
  int64_t batch_pitch = 0;  // bytes from matrix to matrix; 0: they follow each other
};

/// Images [n, h, w, channels] in device memory, pixels apart by `pitch` bytes, and the filter corners that
/// copies in im2col mode walk (kernels/device/tma.h): `count` of them along each axis, `step` apart, from
/// `first` on.
struct MappedPixels {
  struct Corners {
    int64_t extent;          // of the images
    int first, count, step;  // step at most 8
  };
  const void* data;
  Element element;
  int64_t n, channels;
  Corners h, w;
  int64_t pitch;
  int box_pixels, box_channels;
};
/// The upper corner that ends the walk: how far the last filter corner lies from the last pixel.
constexpr int64_t upper_corner(const MappedPixels::Corners& c) {
  return c.first + int64_t{c.count - 1} * c.step - (c.extent - 1);
}

/// Rows can be described to TMA: their pitch is a multiple of 16 bytes.
constexpr bool tma_describes(int64_t pitch) { return pitch % 16 == 0; }

/// Encoded by the driver (libcuda, found at run time). Throws what the driver refused.
CUtensorMap tensor_map(const MappedMatrix&);
CUtensorMap im2col_map(const MappedPixels&);

}  // namespace breakeven::cuda
