// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// wmma_async: copies that run ahead of the multiplication, larger tiles, and rows padded apart.
//
// Before: wmma waited for device memory in every step, then for shared memory behind its bank conflicts, with
// the tensor cores idle meanwhile.
// Tile: 128 x 128 elements of C per block of eight warps, 64 x 32 (4 x 2 fragments) per warp; k in steps of
// 32, three of them in shared memory (57 KB): while one is multiplied, two are under way by cp.async, which
// needs no registers and waits for nobody.
// Traffic: an element fetched from device memory serves 128 multiply-adds (1/64 byte per flop); six fragments
// read from shared memory serve eight multiplications, where wmma needs eight.
// Banks: 16 bytes more per row put the eight chunks that are wanted at once into eight different columns of
// chunks: rows of A are five chunks apart and rows of B seventeen, both odd.
// Trap: cp.async.wait_group sees this thread's copies alone, so a barrier must follow it; the same barrier
// says that everybody is done with the step before, whose place the next copy takes. And a group is committed
// in every step, an empty one at the end too, or the count of groups under way would be wrong.

#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/patch.h"
#include "kernels/cuda/gemm/tile_copy.h"
#include "kernels/cuda/gemm/tile_layout.h"
#include "kernels/cuda/gemm/tile_plan.h"
#include "kernels/device/wmma.h"

namespace breakeven::cuda {
namespace {

constexpr int kTileM = 128, kTileN = 128, kTileK = 32, kStages = 3;
constexpr int kWarpM = 64, kWarpN = 32, kThreads = kTileM / kWarpM * (kTileN / kWarpN) * 32;
constexpr int kFragment = 16, kFragmentsM = kWarpM / kFragment, kFragmentsN = kWarpN / kFragment;

using LayoutA = Padded<kTileK * 2, 16>;
using LayoutB = Padded<kTileN * 2, 16>;

struct alignas(32) SharedTiles {
  std::byte a[kTileM * LayoutA::kPitch];  // [row][k]
  std::byte b[kTileK * LayoutB::kPitch];  // [k][column]
};

union Shared {
  SharedTiles tiles[kStages];
  Patch<float, kWarpN> patch[kThreads / 32];
};

template <Precision P>
using WarpSums = device::WmmaSum<P>[kFragmentsM][kFragmentsN];

/// Where the warp's 64 x 32 begin, in the tile.
[[maybe_unused]] __device__ inline int warp_row() { return threadIdx.x / 32 / (kTileN / kWarpN) * kWarpM; }
[[maybe_unused]] __device__ inline int warp_column() { return threadIdx.x / 32 % (kTileN / kWarpN) * kWarpN; }

/// sum += A tile x B tile, this warp's part.
template <Precision P>
__device__ inline void multiply(const SharedTiles& tiles, WarpSums<P>& sum) {
  using In = typename device::WmmaTypes<P>::In;
  constexpr int kPitchA = LayoutA::kPitch / 2, kPitchB = LayoutB::kPitch / 2;
  const In* a_tile = reinterpret_cast<const In*>(tiles.a) + warp_row() * kPitchA;
  const In* b_tile = reinterpret_cast<const In*>(tiles.b) + warp_column();
#pragma unroll 1  // both at once, the compiler reads ahead so far that 128 registers do not hold it
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
  auto& shared = *reinterpret_cast<Shared*>(device::dynamic_shared());
  const Tile tile = tile_at(grid, blockIdx.x);
  const int row = tile.row * kTileM, column = tile.column * kTileN;
  const auto a = matrix_at<const typename A::In>(g.a, tile.batch, g.m, g.k);
  const auto b = matrix_at<const typename A::In>(g.b, tile.batch, g.k, g.n);
  WarpSums<P> sum;
#pragma unroll
  for (int i = 0; i < kFragmentsM * kFragmentsN; ++i)
    device::wmma_fill(sum[i / kFragmentsN][i % kFragmentsN], 0.0f);
  const auto copy_step = [&](int step) {
    SharedTiles& tiles = shared.tiles[step % kStages];
    const int start = step * kTileK;
    if (start < a.columns) {
      copy_tile<LayoutA, kTileM, kThreads, Transfer::async, alignment>(tiles.a, a, row, start);
      copy_tile<LayoutB, kTileK, kThreads, Transfer::async, alignment>(tiles.b, b, start, column);
    }
    device::cp_async_commit();
  };
  for (int step = 0; step < kStages - 1; ++step) copy_step(step);
  for (int step = 0; step * kTileK < a.columns; ++step) {
    device::cp_async_wait<kStages - 2>();
    __syncthreads();  // the step's tiles are whole, and nobody reads those of the step before any more
    copy_step(step + kStages - 1);
    multiply<P>(shared.tiles[step % kStages], sum);
  }
  __syncthreads();  // the tiles are used up; patches take their place
  const Result<A> result{matrix_at<typename A::Out>(g.c, tile.batch, g.m, g.n),
                         static_cast<const float*>(g.bias)};
  store<P>(result, shared.patch[threadIdx.x / 32], sum, row + warp_row(), column + warp_column());
}

template <Precision P, Alignment alignment>
__global__ void __launch_bounds__(kThreads, 2)
    wmma_async([[maybe_unused]] GemmArguments g, [[maybe_unused]] TileGrid grid) {
#if BREAKEVEN_ARCH >= 800
  multiply_tile<P, alignment>(g, grid);
#endif
}

template <Precision P>
auto entry(Alignment alignment) {
  switch (alignment) {
    case Alignment::chunk:
      return wmma_async<P, Alignment::chunk>;
    case Alignment::word:
      return wmma_async<P, Alignment::word>;
    case Alignment::element:
      break;
  }
  return wmma_async<P, Alignment::element>;
}

std::unique_ptr<GemmPlan> prepare_wmma_async(const ContextPtr& context, PlacedGemm& placed) {
  const GemmArguments g = placed.arguments(0);
  const Alignment alignment = std::min(row_alignment(g.a, g.k * 2), row_alignment(g.b, g.n * 2));
  const bool bf16 = placed.gemm.precision == Precision::bf16;
  const TileKernel kernel{
      .entry = bf16 ? entry<Precision::bf16>(alignment) : entry<Precision::fp16>(alignment),
      .tile_m = kTileM,
      .tile_n = kTileN,
      .threads = kThreads,
      .shared_bytes = sizeof(Shared)};
  require_code(kernel, 80);
  return std::make_unique<TilePlan>("gemm wmma_async", kernel, context, placed);
}

}  // namespace

Kernel gemm_wmma_async(const ContextPtr& context) {
  return own_gemm(context, {.name = "wmma_async",
                            .summary = "own: WMMA on 128 x 128 tiles, copies by cp.async",
                            .why_not = why_not_half,
                            .prepare = prepare_wmma_async,
                            .needs = needs_ampere,
                            .typical_rate = 1.5e14});
}

}  // namespace breakeven::cuda
