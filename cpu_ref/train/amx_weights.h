// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

// Gradients of weights on AMX tiles (bf16 to fp32): dw[k, (r, s, c)] is a sum of products over images and
// places. What one instruction sums over is 32 images at one place, so that filters that reach over the edge
// cost nothing and every stride is alike. A linear layer is the convolution of images of one place.
//
// Images are taken in blocks of 32, channels and filters in groups of 16, the last of each filled up with
// zeros.

/// x[batch, height, width, channels], dy[batch, p, q, filters]; square filters.
struct WeightsShape {
  int64_t batch = 0, height = 1, width = 1, channels = 0;
  int64_t p = 1, q = 1, filters = 0;
  int64_t kernel = 1, stride = 1, padding = 0;

  int64_t channel_groups() const { return (channels + 15) / 16; }
  int64_t filter_groups() const { return (filters + 15) / 16; }
  int64_t image_blocks() const { return (batch + 31) / 32; }
  /// Floats of all sums: tiles of 16 filters x 16 channels, [pair of filter groups][channel group][r][s][2].
  int64_t sum_floats() const {
    return (filter_groups() + 1) / 2 * channel_groups() * kernel * kernel * 2 * 256;
  }
};

/// A part of the sum: image blocks [first_block, last_block) and rows [first_row, last_row) of dy; of the
/// pairs of filter groups those in [first_pair, last_pair).
struct WeightsStrip {
  int64_t first_block = 0, last_block = 0;
  int64_t first_row = 0, last_row = 0;
  int64_t first_pair = 0, last_pair = 0;

  int64_t blocks() const { return last_block - first_block; }
  int64_t rows() const { return last_row - first_row; }
};
/// Rows of x that a strip's rows of dy see, [first, last), without the padding.
struct SeenRows {
  SeenRows(const WeightsShape&, const WeightsStrip&);
  int64_t first, last;
};
/// bf16 numbers in a strip's packed x and dy.
int64_t packed_x_size(const WeightsShape&, const WeightsStrip&);
int64_t packed_dy_size(const WeightsShape&, const WeightsStrip&);

// By one thread each, which needs AMX (cpu_features.h).
void amx_pack_x(const WeightsShape&, const WeightsStrip&, const uint16_t* x, uint16_t* packed);
void amx_pack_dy(const WeightsShape&, const WeightsStrip&, const uint16_t* dy, uint16_t* packed);
/// Sums of the strip's pairs of filter groups: set, or added to.
void amx_sum(const WeightsShape&, const WeightsStrip&, const uint16_t* packed_x, const uint16_t* packed_dy,
             float* sums, bool add);

/// dw[k, kernel, kernel, channels], filters [first, last), = or += scale x the sums that `parts` threads
/// have, `distance` floats apart.
struct WeightsResult {
  const float* sums = nullptr;
  int64_t parts = 1, distance = 0;
  float* dw = nullptr;
  float scale = 1;
  bool add = false;
};
void amx_store_weights(const WeightsShape&, const WeightsResult&, int64_t first, int64_t last);

}  // namespace breakeven::cpu
