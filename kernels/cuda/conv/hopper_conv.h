// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include "harness/conv2d.h"
#include "kernels/cuda/conv/conv_axis.h"
#include "kernels/cuda/gemm/hopper_arguments.h"
#include "kernels/cuda/gemm/hopper_choice.h"

// What the host hands to the kernels that convolve by TMA and wgmma: a convolution of one group as products
// of matrices, one for each tap of the filter, whose operands TMA finds in the images themselves.

namespace breakeven::cuda {

/// forward, and a part of backward_data: results [pixels, n], each the sum over taps and over k channels.
/// product.a: the images, in im2col mode, boxes of tile_m pixels. product.b: the filter as matrices, one per
/// tap; forward as given, [n, k] per tap, backward_data as given too, [k, n]. product.c: only where the
/// results are one matrix. product.m: pixels of all images.
struct HopperPixels {
  HopperArguments product;
  ConvAxis h, w;
  int filter_width;  // tap (i, j) is matrix i filter_width + j of the filter
  int64_t pitch;     // elements from pixel to pixel of the result
  bool pairs;        // two neighbouring results may be written at once
};

/// backward_weights: for each tap partial sums [m, n] over a part of the k output pixels, in fp32.
/// product.a: dy as a matrix [pixels, m], boxes of 64 x 64; product.b: x in im2col mode, boxes of 64 pixels.
/// product.c_elements: part 0; raster.batch: part taps + tap.
struct HopperWeights {
  HopperArguments product;
  ConvAxis h, w;
  int64_t row, part;  // elements of the sums from row to row, and from part to part
  int parts;          // that the pixels are divided into
};

/// Output pixels that one step of backward_weights sums.
constexpr int kPixelsPerStep = 64;
/// Rows of the tiles: two consumers with 64 each.
constexpr int kConvTileRows = 128;

void launch_pixels(const Conv2d&, const TileShape&, const HopperPixels&, int multiprocessors, cudaStream_t);
void launch_weights(const Conv2d&, const TileShape&, const HopperWeights&, int multiprocessors, cudaStream_t);
/// weights[count] = the sum of `parts` arrays of fp32 that follow one another, in their order, rounded once.
void add_weight_parts(const Conv2d&, void* weights, const float* sums, int parts, int64_t count,
                      cudaStream_t);
/// One of the kernels, for require_code.
const void* any_hopper_conv_kernel();

}  // namespace breakeven::cuda
