// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/conv2d.h"

namespace breakeven::cuda {

/// One dimension of a convolution as a walk over filter corners, for kernels that take it as a product of
/// matrices: result i sums over taps m the image at `first` + i `step` + m `dilation`, times the filter's tap
/// `first_tap` + m `tap_step`, and lies at `out_first` + i `out_step` of `out_extent`.
struct ConvAxis {
  int extent;              // of the image that is read; outside it is zero
  int first, count, step;  // corners
  int taps, dilation;
  int first_tap, tap_step;
  int out_first, out_step, out_extent;
};

/// Both dimensions; the results of one direction are those of all its parts.
struct ConvPart {
  ConvAxis h, w;
  int64_t pixels() const { return int64_t{h.count} * w.count; }  // of one image
  int taps() const { return h.taps * w.taps; }
};

/// forward and backward_weights: one part, over x.
ConvPart forward_part(const Conv2d&);
/// backward_data, over dy: with stride u, the rows of dx that have the same remainder by u read the same
/// taps, one part for each pair of remainders. A part without taps (1 x 1 filters under a stride) is all
/// zeros.
std::vector<ConvPart> data_parts(const Conv2d&);

}  // namespace breakeven::cuda
