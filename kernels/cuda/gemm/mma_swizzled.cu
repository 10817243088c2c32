// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// mma_swizzled: the tensor core's own instruction, with fragments that ldmatrix fetches from swizzled tiles.
//
// Before: wmma_async spent its time between shared memory and registers: WMMA loads a fragment where it
// multiplies it, and hides where its elements are. mma tells: so fragments come 16 bytes a lane (ldmatrix),
// those of the next instructions while this one's are multiplied, and the sums are a thread's own.
// Tile: 128 x 128 elements of C per block of four warps, 64 x 64 per warp; k in steps of 128 bytes, three of
// them in shared memory (96 KB: any GPU from 8.0 on has them, an H100 twice; a fourth would cost the second
// block). Where C is large, 128 x 256 by eight warps; where it is small, 64 x 64: see tile_kernel.cpp.
// Traffic: an element fetched from device memory serves 128 or more multiply-adds, a fragment of A read from
// shared memory eight instructions, one of B four. Tiles of C go in groups: see grouped_raster.h.
// Banks: nothing is padded; rows are multiples of 128 bytes, their chunks permuted: see tile_layout.h.
// Trap: the next step's first fragments are fetched during this step's last multiplication, so wait and
// barrier stand before that one and not at the end of the step. And int8 and tf32 need B turned to [n, k],
// once, at preparation: ldmatrix turns units of 16 bits and no others.

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/grouped_raster.h"
#include "kernels/cuda/gemm/mma_tile.h"
#include "kernels/cuda/gemm/patch.h"
#include "kernels/cuda/gemm/tile_copy.h"
#include "kernels/cuda/gemm/tile_plan.h"

namespace breakeven::cuda {
namespace {

/// A warp's part of C: of each 16 x 8, a thread has two neighbours in row lane / 4 and two eight rows below.
template <class T>
using WarpSums = typename T::Types::Sum[T::kWarpM / 16][T::kWarpN / 8][4];

template <class T>
__device__ inline void multiply_step(WarpSums<T>& sum, const Fragments<T>& fragments) {
#pragma unroll
  for (int i = 0; i < T::kWarpM / 16; ++i) {
#pragma unroll
    for (int j = 0; j < T::kWarpN / 8; ++j) multiply<T>(sum[i][j], fragments.a[i], fragments.b[j]);
  }
}

/// The ring of stages in shared memory and what fills it.
template <class T, Alignment alignment>
struct Ring {
  using In = typename T::Types::In;
  static constexpr Transfer kTransfer =
      T::kGeneration == Generation::turing ? Transfer::direct : Transfer::async;
  std::byte* stages;
  Matrix<const In> a, b;
  int row, column;  // of the tile of C

  __device__ std::byte* stage(int step) const { return stages + step % T::kStages * T::kStageBytes; }
  /// Starts to fill the stage of `step`; one group, empty beyond the last step.
  __device__ void copy(int step) const {
    const int start = step * T::kK;
    std::byte* const to = stage(step);
    if (start < a.columns) {
      copy_tile<typename T::LayoutA, T::kM, T::kThreads, kTransfer, alignment>(to, a, row, start);
      if constexpr (T::kBMajor == device::Major::mn) {
        copy_tile<typename T::LayoutB, T::kK, T::kThreads, kTransfer, alignment>(to + T::kBytesA, b, start,
                                                                                 column);
      } else {
        copy_tile<typename T::LayoutB, T::kN, T::kThreads, kTransfer, alignment>(to + T::kBytesA, b, column,
                                                                                 start);
      }
    }
    device::cp_async_commit();
  }
  /// The next step's stage is whole, and nobody reads that of the step before any more.
  __device__ void pass_on() const {
    device::cp_async_wait<T::kStages - 2>();
    __syncthreads();
  }
};

template <class T, Alignment alignment>
__device__ inline void multiply_all(WarpSums<T>& sum, const Ring<T, alignment>& ring) {
  for (int step = 0; step < T::kStages - 1; ++step) ring.copy(step);
  ring.pass_on();
  Fragments<T> fragments[2];  // one is multiplied while the other is fetched
  load_fragments<T>(fragments[0], ring.stage(0), 0);
  const int last_step = (ring.a.columns - 1) / T::kK;
  for (int step = 0; step <= last_step; ++step) {
#pragma unroll
    for (int i = 0; i < T::kSteps; ++i) {
      const bool last = i == T::kSteps - 1;
      if (last) ring.pass_on();
      // After the last step there is none: then this one's first fragments again, which nobody multiplies.
      const int next = last ? min(step + 1, last_step) : step;
      load_fragments<T>(fragments[(i + 1) % 2], ring.stage(next), (i + 1) % T::kSteps);
      if (i == 0) ring.copy(step + T::kStages - 1);
      multiply_step<T>(sum, fragments[i % 2]);
    }
  }
}

/// The warp's sums through its patch to C, 16 rows at a time.
template <class T, class Patch>
__device__ inline void store(const Result<typename T::Types>& to, Patch& patch, const WarpSums<T>& sum,
                             int row, int column) {
  const int lane = threadIdx.x % 32, first = lane / 4, pair = lane % 4 * 2;
#pragma unroll
  for (int i = 0; i < T::kWarpM / 16; ++i) {
#pragma unroll
    for (int j = 0; j < T::kWarpN / 8; ++j) {
      patch.put_pair(first, j * 8 + pair, sum[i][j][0], sum[i][j][1]);
      patch.put_pair(first + 8, j * 8 + pair, sum[i][j][2], sum[i][j][3]);
    }
    __syncwarp();  // the patch is whole
    store_patch(to, patch, row + i * 16, column);
    __syncwarp();  // nobody reads it any more
  }
}

template <class T, Alignment alignment>
__device__ void multiply_tile(const GemmArguments& g, const TileGrid& grid) {
  using A = typename T::Types;
  using In = const typename A::In;
  using WarpPatch = Patch<typename A::Sum, T::kWarpN>;
  static_assert(T::kThreads / 32 * sizeof(WarpPatch) <= T::kSharedBytes);
  std::byte* const shared = device::dynamic_shared();
  const Tile tile = grouped_tile_at(grid, blockIdx.x);
  const int row = tile.row * T::kM, column = tile.column * T::kN;
  const auto b = T::kBMajor == device::Major::mn ? matrix_at<In>(g.b, tile.batch, g.k, g.n)
                                                 : matrix_at<In>(g.b, tile.batch, g.n, g.k);
  const Ring<T, alignment> ring{shared, matrix_at<In>(g.a, tile.batch, g.m, g.k), b, row, column};
  WarpSums<T> sum = {};
  multiply_all<T>(sum, ring);
  __syncthreads();  // the tiles are used up; patches take their place
  const Result<A> result{matrix_at<typename A::Out>(g.c, tile.batch, g.m, g.n),
                         static_cast<const typename A::Bias*>(g.bias)};
  store<T>(result, reinterpret_cast<WarpPatch*>(shared)[threadIdx.x / 32], sum, row + T::warp_row(),
           column + T::warp_column());
}

template <class T, Alignment alignment>
__global__ void __launch_bounds__(T::kThreads, T::kBlocks)
    mma_swizzled([[maybe_unused]] GemmArguments g, [[maybe_unused]] TileGrid grid) {
#if BREAKEVEN_ARCH
  if constexpr (BREAKEVEN_ARCH >= T::kOldestArch) multiply_tile<T, alignment>(g, grid);
#endif
}

template <class T, Alignment alignment>
TileKernel tile_kernel() {
  return {mma_swizzled<T, alignment>, T::kM, T::kN, T::kThreads, T::kSharedBytes};
}

template <class T>
TileKernel tile_kernel(Alignment alignment) {
  switch (alignment) {
    case Alignment::chunk:
      return tile_kernel<T, Alignment::chunk>();
    case Alignment::word:
      return tile_kernel<T, Alignment::word>();
    case Alignment::element:
      break;
  }
  return tile_kernel<T, Alignment::element>();
}

/// Tiles to choose from, the largest first; rows that are not aligned have the one in the middle alone.
template <Precision P>
std::vector<TileKernel> tile_kernels(Alignment alignment) {
  using Middle = MmaTile<P, Generation::ampere, 128, 128, 2, 2, 3, 2>;
  using Large = MmaTile<P, Generation::ampere, 128, 256, 2, 4, 3, 1>;
  using Small = MmaTile<P, Generation::ampere, 64, 64, 2, 2, 3, 4>;
  if (alignment != Alignment::chunk) return {tile_kernel<Middle>(alignment)};
  return {tile_kernel<Large, Alignment::chunk>(), tile_kernel<Middle, Alignment::chunk>(),
          tile_kernel<Small, Alignment::chunk>()};
}

std::vector<TileKernel> tile_kernels(Precision precision, Alignment alignment) {
  switch (precision) {
    case Precision::bf16:
      return tile_kernels<Precision::bf16>(alignment);
    case Precision::fp16:
      return tile_kernels<Precision::fp16>(alignment);
    case Precision::tf32:
      return tile_kernels<Precision::tf32>(alignment);
    case Precision::int8:
      return tile_kernels<Precision::int8>(alignment);
    default:
      throw std::logic_error("mma_swizzled was asked for a precision that it does not have");
  }
}

std::unique_ptr<GemmPlan> prepare_mma_swizzled(const ContextPtr& context, PlacedGemm& placed) {
  const Precision precision = placed.gemm.precision;
  const GemmArguments g = placed.arguments(0);
  const int64_t element = breakeven::bytes(facts(precision).input);
  const bool turned = wants_b_turned(precision);
  const Alignment alignment =
      std::min(row_alignment(g.a, g.k * element), row_alignment(g.b, (turned ? g.k : g.n) * element));
  const cudaDeviceProp& p = context->properties();
  const TileMachine machine{p.multiProcessorCount, static_cast<int64_t>(p.sharedMemPerBlockOptin)};
  const TileKernel kernel = choose_tile(tile_kernels(precision, alignment), machine, g.batch, g.m, g.n);
  require_code(kernel, 80);
  const double reorder_seconds = turned ? turn_b(context, placed) : 0;
  return std::make_unique<TilePlan>("gemm mma_swizzled", kernel, context, placed, reorder_seconds);
}

std::unique_ptr<GemmPlan> prepare_mma_turing(const ContextPtr& context, PlacedGemm& placed) {
  using Tile = MmaTile<Precision::fp16, Generation::turing, 128, 128, 2, 2, 2, 1>;
  const GemmArguments g = placed.arguments(0);
  const Alignment alignment = std::min(row_alignment(g.a, g.k * 2), row_alignment(g.b, g.n * 2));
  return std::make_unique<TilePlan>("gemm mma_turing", tile_kernel<Tile>(alignment), context, placed);
}

}  // namespace

Kernel gemm_mma_turing(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "mma_turing",
                   .summary = "own: mma_swizzled with what Turing has, 128 x 128 tiles in two stages",
                   .why_not = why_not_fp16,
                   .prepare = prepare_mma_turing,
                   .needs = needs_ampere_but_for_fp16,
                   .typical_rate = 1.5e14,
                   .file = "mma_swizzled"});
}

Kernel gemm_mma_swizzled(const ContextPtr& context) {
  return own_gemm(context, {.name = "mma_swizzled",
                            .summary = "own: mma and ldmatrix on swizzled tiles of up to 128 x 256",
                            .why_not = why_not_mma,
                            .prepare = prepare_mma_swizzled,
                            .needs = needs_ampere,
                            .typical_rate = 3e14,
                            .scratch_bytes = turning_bytes});
}

}  // namespace breakeven::cuda
