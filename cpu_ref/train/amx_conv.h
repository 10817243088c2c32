// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// A convolution in bf16 that AMX tiles can walk: stride 1, an odd square kernel padded so that y is as large
/// as x. x [batch, height, width, in], y [batch, height, width, out], both NHWC; sums in fp32.
struct AmxConv {
  int64_t batch = 0, height = 0, width = 0, in = 0, out = 0, kernel = 3;

  /// Tiles are 16 images by 16 channels; gradients of weights take pixels by twos.
  bool possible() const {
    return batch % 16 == 0 && in % 16 == 0 && out % 16 == 0 && width % 2 == 0 && kernel % 2 == 1;
  }
  int64_t blocks() const { return batch / 16; }
  int64_t padding() const { return kernel / 2; }
  int64_t weights() const { return kernel * kernel * in * out; }
  /// The convolution whose forward pass is this one's gradient of x.
  AmxConv transposed() const {
    AmxConv t = *this;
    t.in = out;
    t.out = in;
    return t;
  }
};

/// fp32 filters [out, kernel, kernel, in] to bf16 tiles; `transposed`: to those of `conv.transposed()`.
void amx_pack(const AmxConv& conv, const float* filters, uint16_t* tiles);
void amx_pack_transposed(const AmxConv& conv, const float* filters, uint16_t* tiles);

/// Bytes of scratch that all `threads` together need.
int64_t amx_convolve_scratch(const AmxConv&, int threads);
/// y = x * filters, on all threads; of a gradient, on the transposed convolution. Arrays are aligned to 64
/// bytes.
void amx_convolve(const AmxConv&, const uint16_t* x, const uint16_t* tiles, uint16_t* y, void* scratch);

int64_t amx_weights_scratch(const AmxConv&);
/// The gradient of the filters, [out, kernel, kernel, in] in fp32, from x and dy.
void amx_weights(const AmxConv&, const uint16_t* x, const uint16_t* dy, float* gradient, void* scratch);

}  // namespace breakeven::cpu
