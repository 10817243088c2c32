// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/hopper_walk.h"
#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/device/registers.h"

// forward and backward_data, see tma.cu.

namespace breakeven::cuda {

template <class T>
struct PixelsShared {
  Ring<T> ring;
  Staging staging[kConvConsumers];
};

/// One thread: the filter's channels from `c` on under tap (i, j) of the walk.
template <class T, device::Major b_major>
__device__ void load_filter(Ring<T>& ring, int stage, const HopperPixels& g, int column, int c, int i,
                            int j) {
  const int tap = (g.h.first_tap + i * g.h.tap_step) * g.filter_width + g.w.first_tap + j * g.w.tap_step;
  if constexpr (b_major == device::Major::k) {
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
template <class T, device::Major b_major>
__device__ void load_pixels_tile(Ring<T>& ring, RingPlace<T>& place, const HopperPixels& g,
                                 const TilePlace& tile) {
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

template <class T, device::Major b_major>
__device__ void consume_pixels(PixelsShared<T>& shared, const HopperPixels& g, int consumer) {
  const int steps = g.h.taps * g.w.taps * steps_of<T>(g.product.k), tiles = tiles_of(g.product.raster);
  RingPlace<T> place;
  int turn = 0;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.product.raster, index);
    Sums<T> sums = {};
    multiply_conv_tile<T, device::Major::k, b_major>(sums, shared.ring, place, steps, consumer);
    const int row = tile.m + consumer * T::kRows;
    g.product.c_by_tma ? store_staged(sums, shared.staging[consumer], turn, g.product, tile, row, consumer)
                       : store_pixels(sums, g, row, tile.n);
  }
  finish_stores();
}

template <class T, device::Major b_major>
__global__ void __launch_bounds__(kConvThreads, 1)
    convolve_pixels([[maybe_unused]] const __grid_constant__ HopperPixels g) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<PixelsShared<T>*>(device::dynamic_shared());
  start_ring(shared.ring, kConvConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kConvProducerRegisters>();
    if (threadIdx.x != 0) return;
    RingPlace<T> place;
    const int tiles = tiles_of(g.product.raster);
    for (int index = first_tile(); index < tiles; index += tile_stride()) {
      load_pixels_tile<T, b_major>(shared.ring, place, g, tile_place(g.product.raster, index));
    }
  } else {
    device::registers_increase<kConvConsumerRegisters>();
    consume_pixels<T, b_major>(shared, g, warpgroup - 1);
  }
#endif
}

}  // namespace breakeven::cuda
