// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/conv2d.h"

namespace breakeven {

/// Forward and backward_data are the same walk: element (a, b) of an image of the result sums, over the taps
/// (i, j), what stands at one place (or none) of an image of the source. Forward: y gathers from x;
/// backward_data: dx gathers from dy.
struct ConvGather {
  explicit ConvGather(const Conv2d& of)
      : conv(of),
        forward(of.direction != Direction::backward_data),
        height(forward ? of.p() : of.h),
        width(forward ? of.q() : of.w),
        channels(forward ? of.k : of.c),
        source_height(forward ? of.h : of.p()),
        source_width(forward ? of.w : of.q()),
        source_channels(forward ? of.c : of.k) {}

  /// The source's row for row `at` of the result and tap `tap`; -1 where there is none.
  int64_t row(int64_t at, int64_t tap) const { return place(at, tap, source_height); }
  int64_t column(int64_t at, int64_t tap) const { return place(at, tap, source_width); }

  int64_t group_channels() const { return channels / conv.groups; }
  int64_t source_group() const { return source_channels / conv.groups; }
  /// Elements in one row (all columns, all channels) of source and result.
  int64_t source_row_size() const { return source_width * source_channels; }
  int64_t row_size() const { return width * channels; }

  const Conv2d& conv;
  bool forward;
  int64_t height, width, channels;                       // of the result
  int64_t source_height, source_width, source_channels;  // of the source

 private:
  int64_t place(int64_t at, int64_t tap, int64_t extent) const {
    const int64_t offset = tap * conv.dilation - conv.padding;
    if (forward) {
      const int64_t found = at * conv.stride + offset;
      return found >= 0 && found < extent ? found : -1;
    }
    const int64_t strides = at - offset;
    return strides >= 0 && strides % conv.stride == 0 && strides / conv.stride < extent
               ? strides / conv.stride
               : -1;
  }
};

}  // namespace breakeven
