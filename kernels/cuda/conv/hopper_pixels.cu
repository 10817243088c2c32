// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// conv_tma, forward and backward_data: the products of implicit GEMM on Hopper's instructions. TMA walks the
// images itself (im2col mode): 128 neighbouring results are one box of their filter corners, 64 channels
// deep, and a tap of the filter is an offset in the instruction. Nothing computes an address, and padding is
// what TMA fills in outside the image.
//
// Bounded before (the mma kernels): every thread computed addresses of pixels and tested them for padding, 16
// bytes at a time, and the operands passed through its registers.
// Tile: 128 pixels x 256, 128 or 64 channels of the result, two consumers, one producer, as gemm/tma_store;
// the sum runs over taps, then over channels, 128 bytes at a time. backward_data convolves dy with the filter
// as it lies: turned for a product, since wgmma takes a B whose rows are k; taps descending. Under a stride
// it is several convolutions without one (data_parts), whose results lie apart and are written straight from
// registers.
// Traps: pixels of a tile wrap from row to row and from image to image, but only because the box's corners
// are exact: one more column of corners, and every row of results is shifted against the last. What lies
// behind the last channel must be zero in both operands: infinity times zero is no zero. And c below 64 is
// padded with zeros that are multiplied all the same.

#include "kernels/cuda/conv/hopper_walk.h"
#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

using device::Major;

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup;
constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;

template <class T>
struct Shared {
  Ring<T> ring;
  Staging staging[kConsumers];
};

/// One thread: the filter's channels from `c` on under tap (i, j) of the walk.
template <class T, Major b_major>
__device__ void load_filter(Ring<T>& ring, int stage, const HopperPixels& g, int column, int c, int i,
                            int j) {
  const int tap = (g.h.first_tap + i * g.h.tap_step) * g.filter_width + g.w.first_tap + j * g.w.tap_step;
  if constexpr (b_major == Major::k) {
    device::tma_load(ring.b[stage], &g.product.b, &ring.full[stage], c, column, tap);
  } else {
#pragma unroll
    for (int slab = 0; slab < T::kN / kSlabColumns; ++slab) {
      device::tma_load(ring.b[stage] + slab * kSlabBytes, &g.product.b, &ring.full[stage],
                       column + slab * kSlabColumns, c, tap);
    }
  }
}

/// One thread: all steps of one tile.
template <class T, Major b_major>
__device__ void load_tile(Ring<T>& ring, RingPlace<T>& place, const HopperPixels& g, const TilePlace& tile) {
  const PixelPlace at = pixel_place(g.h, g.w, tile.m);
  for (int i = 0; i < g.h.taps; ++i) {
    for (int j = 0; j < g.w.taps; ++j) {
      for (int c = 0; c < g.product.k; c += T::kDepth, place.advance()) {
        const int stage = place.stage;
        device::mbarrier_wait(&ring.empty[stage], place.parity ^ 1);
        device::mbarrier_arrive_expect(&ring.full[stage], T::kABytes + T::kBBytes);
        load_pixels(ring.a[stage], &g.product.a, &ring.full[stage], g.h, g.w, at, c, i, j);
        load_filter<T, b_major>(ring, stage, g, tile.n, c, i, j);
      }
    }
  }
}

/// The consumer's 64 pixels from `row` on, wherever each of them lies; clipped.
template <class T>
__device__ void store_pixels(const Sums<T>& sums, const HopperPixels& g, int row, int column) {
  using Types = typename T::Types;
  const HopperArguments& product = g.product;
  const int lane = threadIdx.x % 32, warp = threadIdx.x % kWarpgroup / 32;
  const int first = column + lane % 4 * 2;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int pixel = row + warp * 16 + lane / 4 + half * 8;
    if (pixel >= product.m) continue;
    const PixelPlace at = pixel_place(g.h, g.w, pixel);
    const int64_t y = int64_t{at.n} * g.h.out_extent + g.h.out_first + at.h * g.h.out_step;
    const int64_t place = y * g.w.out_extent + g.w.out_first + at.w * g.w.out_step;
    auto* to = static_cast<typename Types::Out*>(product.c_elements) + place * g.pitch;
#pragma unroll
    for (int j = 0; j < T::kN / 8; ++j) {
      const int here = first + j * 8;
      const Pair<Types> pair = finish_pair<Types>(
          sums.of[0][j * 4 + half * 2], sums.of[0][j * 4 + half * 2 + 1], product.bias, here, product.n);
      if (g.pairs) {
        if (here < product.n) *reinterpret_cast<Pair<Types>*>(to + here) = pair;
      } else {
        if (here < product.n) to[here] = pair.value[0];
        if (here + 1 < product.n) to[here + 1] = pair.value[1];
      }
    }
  }
}

template <class T, Major b_major>
__device__ void consume(Shared<T>& shared, const HopperPixels& g, int consumer) {
  const int steps = g.h.taps * g.w.taps * steps_of<T>(g.product.k), tiles = tiles_of(g.product.raster);
  RingPlace<T> place;
  int turn = 0;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.product.raster, index);
    Sums<T> sums = {};
    multiply_conv_tile<T, Major::k, b_major>(sums, shared.ring, place, steps, consumer);
    const int row = tile.m + consumer * T::kRows;
    g.product.c_by_tma ? store_staged(sums, shared.staging[consumer], turn, g.product, tile, row, consumer)
                       : store_pixels(sums, g, row, tile.n);
  }
  finish_stores();
}

template <class T, Major b_major>
__global__ void __launch_bounds__(kThreads, 1)
    convolve_pixels([[maybe_unused]] const __grid_constant__ HopperPixels g) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<Shared<T>*>(device::dynamic_shared());
  start_ring(shared.ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x != 0) return;
    RingPlace<T> place;
    const int tiles = tiles_of(g.product.raster);
    for (int index = first_tile(); index < tiles; index += tile_stride()) {
      load_tile<T, b_major>(shared.ring, place, g, tile_place(g.product.raster, index));
    }
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume<T, b_major>(shared, g, warpgroup - 1);
  }
#endif
}

template <class T, Major b_major>
void launch_tile(const HopperPixels& g, int multiprocessors, cudaStream_t stream) {
  device::launch("conv_tma over pixels", convolve_pixels<T, b_major>,
                 {.grid = dim3(conv_blocks(g.product.raster, multiprocessors)),
                  .block = dim3(kThreads),
                  .shared_bytes = sizeof(Shared<T>)},
                 stream, g);
}

template <Precision P, Major b_major>
void launch(const TileShape& tile, const HopperPixels& g, int multiprocessors, cudaStream_t stream) {
  switch (tile.n) {
    case 256:
      return launch_tile<HopperTile<P, kConvTileRows, 256, 4, kConsumers>, b_major>(g, multiprocessors,
                                                                                    stream);
    case 128:
      return launch_tile<HopperTile<P, kConvTileRows, 128, 6, kConsumers>, b_major>(g, multiprocessors,
                                                                                    stream);
    default:
      return launch_tile<HopperTile<P, kConvTileRows, 64, 8, kConsumers>, b_major>(g, multiprocessors,
                                                                                   stream);
  }
}

}  // namespace

void launch_pixels(const Conv2d& conv, const TileShape& tile, const HopperPixels& g, int multiprocessors,
                   cudaStream_t stream) {
  const bool forward = conv.direction == Direction::forward;
  switch (conv.precision) {
    case Precision::bf16:
      return forward ? launch<Precision::bf16, Major::k>(tile, g, multiprocessors, stream)
                     : launch<Precision::bf16, Major::mn>(tile, g, multiprocessors, stream);
    case Precision::fp16:
      return forward ? launch<Precision::fp16, Major::k>(tile, g, multiprocessors, stream)
                     : launch<Precision::fp16, Major::mn>(tile, g, multiprocessors, stream);
    case Precision::tf32:
      return launch<Precision::tf32, Major::k>(tile, g, multiprocessors, stream);
    default:  // why_not_conv_tma has turned others away
      return launch<Precision::int8, Major::k>(tile, g, multiprocessors, stream);
  }
}

const void* any_hopper_conv_kernel() {
  return reinterpret_cast<const void*>(
      &convolve_pixels<HopperTile<Precision::bf16, kConvTileRows, 64, 8, kConsumers>, Major::k>);
}

}  // namespace breakeven::cuda
