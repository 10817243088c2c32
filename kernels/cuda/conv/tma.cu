// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// conv_tma: convolutions as products of matrices on Hopper's instructions. TMA walks the images itself
// (im2col mode): neighbouring pixels of the result are one box of their filter corners, and a tap of the
// filter is an offset in the instruction. Nothing computes an address, and padding is what TMA fills in
// outside the image.
//
// Bounded before (the mma kernels): every thread computed addresses of pixels and tested them for padding, 16
// bytes at a time, and the operands passed through its registers.
//
// forward and backward_data (hopper_pixels.h). Tile: 128 pixels x 256, 128 or 64 channels of the result, two
// consumers, one producer, as gemm/tma_store; the sum runs over taps, then over channels, 128 bytes at a
// time. backward_data convolves dy with the filter as it lies, since wgmma takes a B whose rows are k. Under
// a stride it is several convolutions without one (data_parts), whose results lie apart and are written
// straight from registers.
//
// backward_weights (hopper_weights.h). dw[k, tap, c] sums dy[pixel, k] x[pixel under tap, c]: in both
// operands the rows are what is summed, and wgmma reads both so (MN-major). Tile: 128 filters x 256, 128 or
// 64 channels of one tap, 64 pixels a step. There are few tiles and many pixels: so the pixels are divided
// into parts, each leaves its sums in fp32, and a second kernel adds the parts in their order and rounds
// once. Repeats are equal to the bit.
//
// Traps: pixels of a tile wrap from row to row and from image to image, but only because the box's corners
// are exact: one more column of corners, and every row of results is shifted against the last. What lies
// behind the last channel or pixel is zero in both operands: infinity times zero is no zero. Channels below a
// step's 64 are zeros that are multiplied all the same.

#include "kernels/cuda/conv/hopper_pixels.h"
#include "kernels/cuda/conv/hopper_weights.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

using device::Major;

constexpr int kMostSumBlocks = 65536;

template <class T, Major b_major>
void launch_pixels_tile(const HopperPixels& g, int multiprocessors, cudaStream_t stream) {
  device::launch("conv_tma over pixels", convolve_pixels<T, b_major>,
                 {.grid = dim3(conv_blocks(g.product.raster, multiprocessors)),
                  .block = dim3(kConvThreads),
                  .shared_bytes = sizeof(PixelsShared<T>)},
                 stream, g);
}

template <Precision P, Major b_major>
void launch_pixels_precision(const TileShape& tile, const HopperPixels& g, int multiprocessors,
                             cudaStream_t stream) {
  switch (tile.n) {
    case 256:
      return launch_pixels_tile<HopperTile<P, kConvTileRows, 256, 4, kConvConsumers>, b_major>(
          g, multiprocessors, stream);
    case 128:
      return launch_pixels_tile<HopperTile<P, kConvTileRows, 128, 6, kConvConsumers>, b_major>(
          g, multiprocessors, stream);
    default:
      return launch_pixels_tile<HopperTile<P, kConvTileRows, 64, 8, kConvConsumers>, b_major>(
          g, multiprocessors, stream);
  }
}

template <class T>
void launch_weights_tile(const HopperWeights& g, int multiprocessors, cudaStream_t stream) {
  device::launch("conv_tma over weights", convolve_weights<T>,
                 {.grid = dim3(conv_blocks(g.product.raster, multiprocessors)),
                  .block = dim3(kConvThreads),
                  .shared_bytes = sizeof(Ring<T>)},
                 stream, g);
}

template <Precision P>
void launch_weights_precision(const TileShape& tile, const HopperWeights& g, int multiprocessors,
                              cudaStream_t stream) {
  switch (tile.n) {
    case 256:
      return launch_weights_tile<HopperTile<P, kConvTileRows, 256, 4, kConvConsumers>>(g, multiprocessors,
                                                                                       stream);
    case 128:
      return launch_weights_tile<HopperTile<P, kConvTileRows, 128, 6, kConvConsumers>>(g, multiprocessors,
                                                                                       stream);
    default:
      return launch_weights_tile<HopperTile<P, kConvTileRows, 64, 8, kConvConsumers>>(g, multiprocessors,
                                                                                      stream);
  }
}

template <Precision P>
void launch_sum(void* weights, const float* sums, int parts, int64_t count, cudaStream_t stream) {
  const int64_t blocks = (count + kSumThreads - 1) / kSumThreads;
  device::launch("conv_tma's parts", add_parts<P>,
                 {.grid = dim3(static_cast<unsigned>(blocks < kMostSumBlocks ? blocks : kMostSumBlocks)),
                  .block = dim3(kSumThreads)},
                 stream, static_cast<typename Arithmetic<P>::Out*>(weights), sums, parts, count);
}

}  // namespace

void launch_pixels(const Conv2d& conv, const TileShape& tile, const HopperPixels& g, int multiprocessors,
                   cudaStream_t stream) {
  const bool forward = conv.direction == Direction::forward;
  switch (conv.precision) {
    case Precision::bf16:
      return forward ? launch_pixels_precision<Precision::bf16, Major::k>(tile, g, multiprocessors, stream)
                     : launch_pixels_precision<Precision::bf16, Major::mn>(tile, g, multiprocessors, stream);
    case Precision::fp16:
      return forward ? launch_pixels_precision<Precision::fp16, Major::k>(tile, g, multiprocessors, stream)
                     : launch_pixels_precision<Precision::fp16, Major::mn>(tile, g, multiprocessors, stream);
    case Precision::tf32:
      return launch_pixels_precision<Precision::tf32, Major::k>(tile, g, multiprocessors, stream);
    default:  // why_not_conv_tma has turned others away
      return launch_pixels_precision<Precision::int8, Major::k>(tile, g, multiprocessors, stream);
  }
}

const void* any_hopper_conv_kernel() {
  return reinterpret_cast<const void*>(
      &convolve_pixels<HopperTile<Precision::bf16, kConvTileRows, 64, 8, kConvConsumers>, Major::k>);
}

void launch_weights(const Conv2d& conv, const TileShape& tile, const HopperWeights& g, int multiprocessors,
                    cudaStream_t stream) {
  conv.precision == Precision::bf16
      ? launch_weights_precision<Precision::bf16>(tile, g, multiprocessors, stream)
      : launch_weights_precision<Precision::fp16>(tile, g, multiprocessors, stream);
}

void add_weight_parts(const Conv2d& conv, void* weights, const float* sums, int parts, int64_t count,
                      cudaStream_t stream) {
  conv.precision == Precision::bf16 ? launch_sum<Precision::bf16>(weights, sums, parts, count, stream)
                                    : launch_sum<Precision::fp16>(weights, sums, parts, count, stream);
}

}  // namespace breakeven::cuda
