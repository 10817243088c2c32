// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/conv_axis.h"
#include "kernels/cuda/conv_job.h"
#include "kernels/cuda/gemm/hopper_choice.h"
#include "kernels/cuda/gemm/hopper_maps.h"

// The operands of a convolution as TMA can describe them. TMA wants 16 bytes from pixel to pixel and from
// group to group: where a group's channels are no multiple of that, every group is padded with zeros to one.
// A filter is padded once, at preparation; what belongs to the images before every execution, timed with it.

namespace breakeven::cuda {

/// Channels of a group that are summed over, and that the result has (forward, backward_data).
int64_t reduced_channels(const Conv2d&);
int64_t result_channels(const Conv2d&);

class ConvOperands {
 public:
  ConvOperands(const ContextPtr&, PlacedConv&);
  /// Pads what an execution must pad.
  void prepare(int64_t slot);
  double reorder_seconds() const { return reorder_seconds_; }
  /// Elements that one step of k takes.
  int depth() const { return 128 / static_cast<int>(element_bytes_); }

  /// x (or dy for backward_data) of one group in im2col mode, boxes of `box_pixels` x 128 bytes.
  CUtensorMap pixels(int64_t slot, int64_t group, const ConvPart&, int box_pixels) const;
  /// The filter of one group as a matrix [filters, channels] per tap. Boxes: forward all columns of a tile
  /// x 128 bytes of channels; backward_data 64 filters x 64 channels.
  CUtensorMap filter(int64_t slot, int64_t group, const TileShape&) const;
  /// dy of one group as a matrix [pixels, filters], boxes of 64 x 64.
  CUtensorMap gradient(int64_t slot, int64_t group) const;

 private:
  /// An operand as rows of one group's channels each, in place or padded.
  struct Rows {
    const DeviceBuffer* given;
    DeviceBuffer padded;  // empty: as given
    int64_t rows, channels, pitch;
    bool is_padded() const { return padded.bytes() > 0; }
  };
  Rows rows_of(const DeviceBuffer&, int64_t rows, int64_t channels, int64_t copies);
  void pad(Rows&, int64_t slot, int64_t copy);
  const std::byte* data(const Rows&, int64_t slot) const;

  ContextPtr context_;
  PlacedConv& placed_;
  int64_t element_bytes_;
  Rows images_, other_;  // Conv2d's first and second operand
  double reorder_seconds_ = 0;
};

/// At most, of all operands that must be padded, one of each.
int64_t padded_operand_bytes(const Conv2d&);

}  // namespace breakeven::cuda
