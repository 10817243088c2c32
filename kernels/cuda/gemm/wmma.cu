// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// wmma: tensor cores, through WMMA, the portable interface: a warp multiplies 16 x 16 x 16 at once.
//
// Before: warp_tiled was bounded by CUDA cores themselves. Tensor cores multiply 16-bit numbers some sixteen
// times as fast, and from here on the question is how to feed them.
// Tile: 64 x 64 elements of C per block of four warps, 32 x 32 (2 x 2 fragments) per warp; k in steps of 32.
// Traffic: an element fetched from device memory serves 64 multiply-adds (1/32 byte per flop), a fragment
// read from shared memory serves two. Nothing overlaps: the block waits for its tiles, then multiplies.
// Banks: rows of A are 64 bytes apart and rows of B 128, so the eight chunks that a fragment's load wants at
// once lie in two columns of chunks, or in one: it takes four or eight times as long as it could.
// Trap: which element of a fragment is where is not told, so a bias cannot be added in registers, and C must
// go through shared memory, whole fragments at a time. A ragged edge is zeros in shared memory: WMMA itself
// has no notion of one.

#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/patch.h"
#include "kernels/cuda/gemm/tile_copy.h"
#include "kernels/cuda/gemm/tile_layout.h"
#include "kernels/cuda/gemm/tile_plan.h"
#include "kernels/device/wmma.h"

namespace breakeven::cuda {
namespace {

constexpr int kTileM = 64, kTileN = 64, kTileK = 32;
constexpr int kWarpM = 32, kWarpN = 32, kThreads = kTileM / kWarpM * (kTileN / kWarpN) * 32;
constexpr int kFragment = 16, kFragmentsM = kWarpM / kFragment, kFragmentsN = kWarpN / kFragment;

using LayoutA = Padded<kTileK * 2, 0>;
using LayoutB = Padded<kTileN * 2, 0>;

struct alignas(32) SharedTiles {
  std::byte a[kTileM * LayoutA::kPitch];  // [row][k]
  std::byte b[kTileK * LayoutB::kPitch];  // [k][column]
};

union Shared {
  SharedTiles tiles;
  Patch<float, kWarpN> patch[kThreads / 32];
};

template <Precision P>
using WarpSums = device::WmmaSum<P>[kFragmentsM][kFragmentsN];

/// Where the warp's 32 x 32 begin, in the tile.
[[maybe_unused]] __device__ inline int warp_row() { return threadIdx.x / 32 / (kTileN / kWarpN) * kWarpM; }
[[maybe_unused]] __device__ inline int warp_column() { return threadIdx.x / 32 % (kTileN / kWarpN) * kWarpN; }

/// sum += A tile x B tile, this warp's part.
template <Precision P>
__device__ inline void multiply(const SharedTiles& tiles, WarpSums<P>& sum) {
  using In = typename device::WmmaTypes<P>::In;
  constexpr int kPitchA = LayoutA::kPitch / 2, kPitchB = LayoutB::kPitch / 2;
  const In* a_tile = reinterpret_cast<const In*>(tiles.a) + warp_row() * kPitchA;
  const In* b_tile = reinterpret_cast<const In*>(tiles.b) + warp_column();
#pragma unroll
  for (int step = 0; step < kTileK; step += kFragment) {
    device::WmmaB<P, device::Major::mn> b[kFragmentsN];
#pragma unroll
    for (int j = 0; j < kFragmentsN; ++j)
      device::wmma_load(b[j], b_tile + step * kPitchB + j * kFragment, kPitchB);
#pragma unroll
    for (int i = 0; i < kFragmentsM; ++i) {
      device::WmmaA<P> a;
      device::wmma_load(a, a_tile + i * kFragment * kPitchA + step, kPitchA);
#pragma unroll
      for (int j = 0; j < kFragmentsN; ++j) device::wmma_multiply(sum[i][j], a, b[j]);
    }
  }
}

/// The warp's sums through its patch to C, 16 rows at a time.
template <Precision P>
__device__ inline void store(const Result<Arithmetic<P>>& to, Patch<float, kWarpN>& patch, WarpSums<P>& sum,
                             int row, int column) {
#pragma unroll
  for (int i = 0; i < kFragmentsM; ++i) {
#pragma unroll
    for (int j = 0; j < kFragmentsN; ++j)
      device::wmma_store(&patch.at[0][j * kFragment], sum[i][j], patch.kPitch);
    __syncwarp();  // the patch is whole
    store_patch(to, patch, row + i * kFragment, column);
    __syncwarp();  // nobody reads it any more
  }
}

template <Precision P, Alignment alignment>
__device__ void multiply_tile(const GemmArguments& g, const TileGrid& grid) {
  using A = Arithmetic<P>;
  auto& shared = device::static_shared<Shared>();
  const Tile tile = tile_at(grid, blockIdx.x);
  const int row = tile.row * kTileM, column = tile.column * kTileN;
  const auto a = matrix_at<const typename A::In>(g.a, tile.batch, g.m, g.k);
  const auto b = matrix_at<const typename A::In>(g.b, tile.batch, g.k, g.n);
  WarpSums<P> sum;
#pragma unroll
  for (int i = 0; i < kFragmentsM * kFragmentsN; ++i)
    device::wmma_fill(sum[i / kFragmentsN][i % kFragmentsN], 0.0f);
  for (int start = 0; start < a.columns; start += kTileK) {
    copy_tile<LayoutA, kTileM, kThreads, Transfer::direct, alignment>(shared.tiles.a, a, row, start);
    copy_tile<LayoutB, kTileK, kThreads, Transfer::direct, alignment>(shared.tiles.b, b, start, column);
    __syncthreads();  // the tiles are whole
    multiply<P>(shared.tiles, sum);
    __syncthreads();  // nobody reads them any more
  }
  const Result<A> result{matrix_at<typename A::Out>(g.c, tile.batch, g.m, g.n),
                         static_cast<const float*>(g.bias)};
  store<P>(result, shared.patch[threadIdx.x / 32], sum, row + warp_row(), column + warp_column());
}

template <Precision P, Alignment alignment>
__global__ void __launch_bounds__(kThreads, 4)
    wmma([[maybe_unused]] GemmArguments g, [[maybe_unused]] TileGrid grid) {
#if BREAKEVEN_ARCH
  if constexpr (BREAKEVEN_ARCH >= device::wmma_oldest_arch<P>) multiply_tile<P, alignment>(g, grid);
#endif
}

template <Precision P>
auto entry(Alignment alignment) {
  switch (alignment) {
    case Alignment::chunk:
      return wmma<P, Alignment::chunk>;
    case Alignment::word:
      return wmma<P, Alignment::word>;
    case Alignment::element:
      break;
  }
  return wmma<P, Alignment::element>;
}

std::unique_ptr<GemmPlan> prepare_wmma(const ContextPtr& context, PlacedGemm& placed) {
  const GemmArguments g = placed.arguments(0);
  const Alignment alignment = std::min(row_alignment(g.a, g.k * 2), row_alignment(g.b, g.n * 2));
  const bool bf16 = placed.gemm.precision == Precision::bf16;
  const TileKernel kernel{
      .entry = bf16 ? entry<Precision::bf16>(alignment) : entry<Precision::fp16>(alignment),
      .tile_m = kTileM,
      .tile_n = kTileN,
      .threads = kThreads,
      .shared_bytes = 0};
  require_code(kernel, bf16 ? 80 : 75);
  return std::make_unique<TilePlan>("gemm wmma", kernel, context, placed);
}

}  // namespace

Kernel gemm_wmma(const ContextPtr& context) {
  return own_gemm(context, {.name = "wmma",
                            .summary = "own: tensor cores by WMMA, 64 x 64 tiles",
                            .why_not = why_not_half,
                            .prepare = prepare_wmma,
                            .needs = needs_ampere_but_for_fp16,
                            .typical_rate = 6e13});
}

}  // namespace breakeven::cuda
