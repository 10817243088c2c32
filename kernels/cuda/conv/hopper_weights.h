// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/hopper_walk.h"
#include "kernels/device/registers.h"

// backward_weights, see tma.cu.

namespace breakeven::cuda {

constexpr int kSumThreads = 256;

/// What one tile sums: a tap, and steps [first, last) of 64 pixels.
struct Share {
  int part, tap, first, last;
};
__device__ inline Share share_of(const HopperWeights& g, const TilePlace& tile) {
  const int taps = g.h.taps * g.w.taps, part = tile.batch / taps;
  const int64_t steps = (g.product.k + kPixelsPerStep - 1) / kPixelsPerStep;
  return {part, tile.batch % taps, static_cast<int>(part * steps / g.parts),
          static_cast<int>((part + 1) * steps / g.parts)};
}

/// One thread.
template <class T>
__device__ void load_weights_tile(Ring<T>& ring, RingPlace<T>& place, const HopperWeights& g,
                                  const TilePlace& tile) {
  const Share share = share_of(g, tile);
  const int i = share.tap / g.w.taps, j = share.tap % g.w.taps;
  for (int step = share.first; step < share.last; ++step, place.advance()) {
    const int stage = place.stage, pixel = step * kPixelsPerStep;
    const PixelPlace at = pixel_place(g.h, g.w, pixel);
    device::mbarrier_wait(&ring.empty[stage], place.parity ^ 1);
    device::mbarrier_arrive_expect(&ring.full[stage], T::kABytes + T::kBBytes);
#pragma unroll
    for (int slab = 0; slab < T::kM / kSlabColumns; ++slab) {
      device::tma_load(ring.a[stage] + slab * kSlabBytes, &g.product.a, &ring.full[stage],
                       tile.m + slab * kSlabColumns, pixel, 0);
    }
#pragma unroll
    for (int slab = 0; slab < T::kN / kSlabColumns; ++slab) {
      load_pixels(ring.b[stage] + slab * kSlabBytes, &g.product.b, &ring.full[stage], g.h, g.w, at,
                  tile.n + slab * kSlabColumns, i, j);
    }
  }
}

/// The consumer's 64 filters from `row` on, channels from `column` on, clipped; not rounded.
template <class T>
__device__ void store_sums(const Sums<T>& sums, const HopperWeights& g, float* to, int row, int column) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x % kWarpgroup / 32;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int at = row + warp * 16 + lane / 4 + half * 8;
    if (at >= g.product.m) continue;
#pragma unroll
    for (int j = 0; j < T::kN / 8; ++j) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const int here = column + j * 8 + lane % 4 * 2 + i;
        if (here < g.product.n) to[at * g.row + here] = sums.of[0][j * 4 + half * 2 + i];
      }
    }
  }
}

template <class T>
__device__ void consume_weights(Ring<T>& ring, const HopperWeights& g, int consumer) {
  const int tiles = tiles_of(g.product.raster);
  RingPlace<T> place;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.product.raster, index);
    const Share share = share_of(g, tile);
    Sums<T> sums = {};
    multiply_conv_tile<T, device::Major::mn, device::Major::mn>(sums, ring, place, share.last - share.first,
                                                                consumer);
    float* to =
        static_cast<float*>(g.product.c_elements) + share.part * g.part + int64_t{share.tap} * g.product.n;
    store_sums(sums, g, to, tile.m + consumer * T::kRows, tile.n);
  }
}

template <class T>
__global__ void __launch_bounds__(kConvThreads, 1)
    convolve_weights([[maybe_unused]] const __grid_constant__ HopperWeights g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  start_ring(ring, kConvConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kConvProducerRegisters>();
    if (threadIdx.x != 0) return;
    RingPlace<T> place;
    const int tiles = tiles_of(g.product.raster);
    for (int index = first_tile(); index < tiles; index += tile_stride()) {
      load_weights_tile(ring, place, g, tile_place(g.product.raster, index));
    }
  } else {
    device::registers_increase<kConvConsumerRegisters>();
    consume_weights(ring, g, warpgroup - 1);
  }
#endif
}

template <Precision P>
__global__ void __launch_bounds__(kSumThreads)
    add_parts(typename Arithmetic<P>::Out* __restrict__ weights, const float* __restrict__ sums, int parts,
              int64_t count) {
  const int64_t stride = int64_t{gridDim.x} * kSumThreads;
  for (int64_t i = int64_t{blockIdx.x} * kSumThreads + threadIdx.x; i < count; i += stride) {
    float sum = sums[i];
    for (int part = 1; part < parts; ++part) sum += sums[part * count + i];
    weights[i] = narrow<typename Arithmetic<P>::Out>(sum);
  }
}

}  // namespace breakeven::cuda
