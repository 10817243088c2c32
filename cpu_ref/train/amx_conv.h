// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

// Convolutions, and gradients of their inputs, on AMX tiles (bf16, sums in fp32). The rows of a tile are 16
// images at one place, so that filters that reach over the edge cost nothing and every stride is alike; an
// instruction sums over 32 channels. Images are taken in blocks of 32, filters in blocks of 32, channels in
// groups of 32, the last of each filled up with zeros.

/// in[batch, in_height, in_width, channels] -> out[batch, out_height, out_width, filters]; square filters.
/// Forward, tap t of output row o reads input row o stride - padding + t. Backward (data), `in` is dy, `out`
/// dx, and t reads the row that is (o + padding - t) / stride, where that is whole.
struct AmxConv {
  int64_t batch = 0;
  int64_t in_height = 0, in_width = 0, channels = 0;
  int64_t out_height = 0, out_width = 0, filters = 0;
  int64_t kernel = 1, stride = 1, padding = 0;
  bool backward = false;

  int64_t channel_groups() const { return (channels + 31) / 32; }
  int64_t filter_blocks() const { return (filters + 31) / 32; }
  int64_t image_blocks() const { return (batch + 31) / 32; }
  int64_t taps() const { return kernel * kernel; }
  /// bf16 numbers of packed weights.
  int64_t weights_size() const { return filter_blocks() * taps() * channel_groups() * 1024; }
};

/// A part of the work of one thread: image blocks, rows of the output, blocks of filters.
struct AmxConvTask {
  int64_t first_block = 0, last_block = 0;
  int64_t first_row = 0, last_row = 0;
  int64_t first_filters = 0, last_filters = 0;
};
/// Rows of the input that the task's rows see, [first, last).
struct InputRows {
  InputRows(const AmxConv&, const AmxConvTask&);
  int64_t first, last;
};
/// bf16 numbers of the task's packed input.
int64_t packed_input_size(const AmxConv&, const AmxConvTask&);
/// Floats of sums that a thread needs beside it.
inline constexpr int64_t kConvSums = 32 * 1024;

// By one thread each, which needs AMX (cpu_features.h).
/// Blocks of filters [first, last) from w[k, kernel, kernel, c], k the filters forward, the channels
/// backward.
void amx_pack_weights(const AmxConv&, const float* w, uint16_t* packed, int64_t first, int64_t last);
void amx_convolve(const AmxConv&, const AmxConvTask&, const uint16_t* in, const uint16_t* packed_weights,
                  uint16_t* packed_in, float* sums, uint16_t* out);

}  // namespace breakeven::cpu
