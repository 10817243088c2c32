// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv/hopper_operands.h"

#include "kernels/cuda/gated_clock.h"
#include "kernels/cuda/gemm/hopper_arguments.h"
#include "kernels/cuda/gemm/repitch.h"

namespace breakeven::cuda {
namespace {

constexpr int64_t kUnit = 16;  // bytes

int64_t padded(int64_t row_bytes) { return (row_bytes + kUnit - 1) / kUnit * kUnit; }
int64_t input_bytes(const Conv2d& conv) { return bytes(facts(conv.precision).input); }

/// The operand that is not made of images: a filter, unless the filter is the result.
bool has_filter(const Conv2d& conv) { return conv.direction != Direction::backward_weights; }

/// Rows of one group's channels, and how many channels, of Conv2d's operands.
struct Shape {
  int64_t rows, channels;
};
Shape x_shape(const Conv2d& c) { return {c.n * c.h * c.w * c.groups, c.group_channels()}; }
Shape y_shape(const Conv2d& c) { return {c.n * c.p() * c.q() * c.groups, c.group_filters()}; }
Shape filter_shape(const Conv2d& c) { return {c.k * c.r * c.s, c.group_channels()}; }
Shape first_shape(const Conv2d& c) {
  return c.direction == Direction::backward_data ? y_shape(c) : x_shape(c);
}
Shape second_shape(const Conv2d& c) { return has_filter(c) ? filter_shape(c) : y_shape(c); }

}  // namespace

int64_t reduced_channels(const Conv2d& conv) {
  return conv.direction == Direction::forward ? conv.group_channels() : conv.group_filters();
}
int64_t result_channels(const Conv2d& conv) {
  return conv.direction == Direction::forward ? conv.group_filters() : conv.group_channels();
}

ConvOperands::ConvOperands(const ContextPtr& context, PlacedConv& placed)
    : context_(context), placed_(placed), element_bytes_(input_bytes(placed.conv)) {
  const Conv2d& conv = placed.conv;
  const Shape first = first_shape(conv), second = second_shape(conv);
  images_ = rows_of(placed.first, first.rows, first.channels, 1);
  other_ =
      rows_of(placed.second, second.rows, second.channels, has_filter(conv) ? placed.second.copies() : 1);
  if (!has_filter(conv) || !other_.is_padded()) return;
  for (int64_t slot = 0; slot < placed.second.copies(); ++slot) pad(other_, slot, slot);
  reorder_seconds_ = GatedClock(context_).time([&] { pad(other_, 0, 0); });
}

ConvOperands::Rows ConvOperands::rows_of(const DeviceBuffer& given, int64_t rows, int64_t channels,
                                         int64_t copies) {
  Rows made{&given, {}, rows, channels, padded(channels * element_bytes_)};
  if (made.pitch != channels * element_bytes_) {
    made.padded = DeviceBuffer(rows * made.pitch, copies, context_->stream());
  }
  return made;
}

void ConvOperands::pad(Rows& rows, int64_t slot, int64_t copy) {
  repitch(rows.padded.at(copy), rows.pitch, rows.given->at(slot), rows.rows, rows.channels, element_bytes_,
          context_->stream());
}

void ConvOperands::prepare(int64_t slot) {
  if (images_.is_padded()) pad(images_, slot, 0);
  if (!has_filter(placed_.conv) && other_.is_padded()) pad(other_, slot, 0);
}

const std::byte* ConvOperands::data(const Rows& rows, int64_t slot) const {
  if (!rows.is_padded()) return rows.given->at(slot);
  return rows.padded.at(rows.padded.copies() > 1 ? slot : 0);
}

CUtensorMap ConvOperands::pixels(int64_t slot, int64_t group, const ConvPart& part, int box_pixels) const {
  const auto corners = [](const ConvAxis& axis) {
    return MappedPixels::Corners{axis.extent, axis.first, axis.count, axis.step};
  };
  return im2col_map(MappedPixels{.data = data(images_, slot) + group * images_.pitch,
                                 .element = facts(placed_.conv.precision).input,
                                 .n = placed_.conv.n,
                                 .channels = images_.channels,
                                 .h = corners(part.h),
                                 .w = corners(part.w),
                                 .pitch = images_.pitch * placed_.conv.groups,
                                 .box_pixels = box_pixels,
                                 .box_channels = depth()});
}

CUtensorMap ConvOperands::filter(int64_t slot, int64_t group, const TileShape& tile) const {
  const Conv2d& conv = placed_.conv;
  const bool forward = conv.direction == Direction::forward;
  const int64_t taps = conv.r * conv.s, filters = conv.group_filters();
  return tensor_map(MappedMatrix{.data = data(other_, slot) + group * filters * taps * other_.pitch,
                                 .element = facts(conv.precision).input,
                                 .batch = taps,
                                 .rows = filters,
                                 .columns = other_.channels,
                                 .pitch = taps * other_.pitch,
                                 .box_rows = forward ? tile.n : depth(),
                                 .box_columns = forward ? depth() : kSlabColumns,
                                 .batch_pitch = other_.pitch});
}

CUtensorMap ConvOperands::gradient(int64_t slot, int64_t group) const {
  const Conv2d& conv = placed_.conv;
  return tensor_map(MappedMatrix{.data = data(other_, slot) + group * other_.pitch,
                                 .element = facts(conv.precision).input,
                                 .batch = 1,
                                 .rows = conv.n * conv.p() * conv.q(),
                                 .columns = other_.channels,
                                 .pitch = other_.pitch * conv.groups,
                                 .box_rows = depth(),
                                 .box_columns = kSlabColumns});
}

int64_t padded_operand_bytes(const Conv2d& conv) {
  int64_t sum = 0;
  for (const Shape& shape : {first_shape(conv), second_shape(conv)}) {
    const int64_t row = shape.channels * input_bytes(conv);
    if (padded(row) != row) sum += shape.rows * padded(row);
  }
  return sum;
}

}  // namespace breakeven::cuda
