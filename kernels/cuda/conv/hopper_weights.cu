// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// conv_tma, backward_weights: dw[k, tap, c] sums dy[pixel, k] x[pixel under tap, c] over all output pixels.
// Both operands lie with the summed dimension as rows, and wgmma reads both so (MN-major A and B): dy by
// tiled TMA, x in im2col mode, 64 pixels a step.
//
// Tile: 128 filters x 256, 128 or 64 channels of one tap, two consumers, one producer. There are few tiles
// and many pixels: the pixels are divided into parts, each leaves its sums in fp32, and a second kernel adds
// the parts in their order and rounds once: repeats are equal to the bit. Traps: pixels behind the last must
// be zero in one operand and finite in the other; TMA makes both zero. An MN-major A is read a slab of 64
// rows at a time, so each consumer has a slab of its own. And all taps of a part are numbered before the next
// part: they read the same pixels, which are in L2 then.

#include "kernels/cuda/conv/hopper_walk.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

using device::Major;

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup;
constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;
constexpr int kSumThreads = 256, kMostSumBlocks = 65536;

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
    multiply_conv_tile<T, Major::mn, Major::mn>(sums, ring, place, share.last - share.first, consumer);
    float* to =
        static_cast<float*>(g.product.c_elements) + share.part * g.part + int64_t{share.tap} * g.product.n;
    store_sums(sums, g, to, tile.m + consumer * T::kRows, tile.n);
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    convolve_weights([[maybe_unused]] const __grid_constant__ HopperWeights g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  start_ring(ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x != 0) return;
    RingPlace<T> place;
    const int tiles = tiles_of(g.product.raster);
    for (int index = first_tile(); index < tiles; index += tile_stride()) {
      load_weights_tile(ring, place, g, tile_place(g.product.raster, index));
    }
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume_weights(ring, g, warpgroup - 1);
  }
#endif
}

template <class T>
void launch_tile(const HopperWeights& g, int multiprocessors, cudaStream_t stream) {
  device::launch("conv_tma over weights", convolve_weights<T>,
                 {.grid = dim3(conv_blocks(g.product.raster, multiprocessors)),
                  .block = dim3(kThreads),
                  .shared_bytes = sizeof(Ring<T>)},
                 stream, g);
}

template <Precision P>
void launch(const TileShape& tile, const HopperWeights& g, int multiprocessors, cudaStream_t stream) {
  switch (tile.n) {
    case 256:
      return launch_tile<HopperTile<P, kConvTileRows, 256, 4, kConsumers>>(g, multiprocessors, stream);
    case 128:
      return launch_tile<HopperTile<P, kConvTileRows, 128, 6, kConsumers>>(g, multiprocessors, stream);
    default:
      return launch_tile<HopperTile<P, kConvTileRows, 64, 8, kConsumers>>(g, multiprocessors, stream);
  }
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

template <Precision P>
void launch_sum(void* weights, const float* sums, int parts, int64_t count, cudaStream_t stream) {
  const int64_t blocks = (count + kSumThreads - 1) / kSumThreads;
  device::launch("conv_tma's parts", add_parts<P>,
                 {.grid = dim3(static_cast<unsigned>(blocks < kMostSumBlocks ? blocks : kMostSumBlocks)),
                  .block = dim3(kSumThreads)},
                 stream, static_cast<typename Arithmetic<P>::Out*>(weights), sums, parts, count);
}

}  // namespace

void launch_weights(const Conv2d& conv, const TileShape& tile, const HopperWeights& g, int multiprocessors,
                    cudaStream_t stream) {
  conv.precision == Precision::bf16 ? launch<Precision::bf16>(tile, g, multiprocessors, stream)
                                    : launch<Precision::fp16>(tile, g, multiprocessors, stream);
}

void add_weight_parts(const Conv2d& conv, void* weights, const float* sums, int parts, int64_t count,
                      cudaStream_t stream) {
  conv.precision == Precision::bf16 ? launch_sum<Precision::bf16>(weights, sums, parts, count, stream)
                                    : launch_sum<Precision::fp16>(weights, sums, parts, count, stream);
}

}  // namespace breakeven::cuda
