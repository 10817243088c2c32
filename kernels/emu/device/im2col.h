// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "kernels/emu/device/box.h"

// TMA's im2col mode, after the PTX ISA ("im2col mode"), the driver's documentation of
// cuTensorMapEncodeIm2col, and CUTLASS's use of both (copy_traits_sm90_im2col.hpp):
// - The bounding box is one of filter corners, in w and h: from the lower corner to the tensor's last pixel
//   plus the upper corner, both included.
// - The instruction's (w, h) is the first filter corner, within the box; n and c are offsets as in tiled
//   mode.
// - From there the box is walked in w, then h, then n, in steps of the element strides; at its border the
//   walk goes on at the lower corner of the next row or image. The number of pixels does not depend on the
//   strides.
// - Each pixel is read at its filter corner plus the instruction's offsets, 0 to 255. What lies outside the
//   tensor, images behind the last one included, is zero.
// - The arrays of corners begin with w: so CUTLASS fills them, and the documentation's "{D, H, W}" is no
//   order.

namespace breakeven::emu {

/// Faults a start outside the box and offsets out of range, as `what`.
void require_pixels(const TensorMapContents&, const PixelPlace&, const char* what);

/// The pixels of one load, each a row of its channels.
class PixelRows {
 public:
  PixelRows(const TensorMapContents&, const PixelPlace&);
  BoxRow row(int pixel) const;

  TensorMapContents map;

 private:
  struct Pixel {
    int64_t w, h, n;
  };
  int first_channel_;
  std::vector<Pixel> pixels_;
};

}  // namespace breakeven::emu
