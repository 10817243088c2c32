// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// skinny: C of 5 to 64 rows. B is still read once and from memory, but now there is something to compute.
//
// Bounded before: gemv's threads keep a sum for each row of C and each of their columns; with 64 rows the
// registers are full, and CUDA cores cannot do 128 flops for every element that arrives.
// Tile: all rows (16, 32 or 64) x 128 columns of C per block of 4 warps; k in steps of 128 bytes of A. 16-bit
// types on tensor cores (mma.sync), where rows that are not there cost nothing that memory would not; fp32 on
// CUDA cores.
// Traffic: B once from memory; A, a hundred times smaller, from L2 for every 128 columns. Four stages of
// copies, 60 KB under way per block, two blocks per multiprocessor; k is split where C has too few tiles.
// Trap: the copies must stop at the end of the part of k, not of the matrix: three steps too far in each of
// eight parts reads a good deal of B twice.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/block_tile.h"
#include "kernels/cuda/gemm/split_k.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kColumns = 128, kStages = 4, kLeastRows = 5, kMostRows = 64;

template <class T, Alignment alignment>
__global__ void __launch_bounds__(T::kThreads, 2)
    skinny(GemmArguments g, TileGrid grid, SplitK split, Partials partials) {
  using In = typename T::In;
  std::byte* const stages = device::dynamic_shared();
  const Tile tile = tile_at(grid, blockIdx.x / split.parts);
  const auto a = matrix_at<const In>(g.a, tile.batch, g.m, g.k);
  const auto b = matrix_at<const In>(g.b, tile.batch, g.k, g.n);
  const int column = tile.column * T::kN;
  const int first = blockIdx.x % split.parts * split.depth, end = min(first + split.depth, b.rows);
  const auto copy = [&](int stage, int k) {
    if (k < end) T::template copy<alignment>(stages + stage * T::kStageBytes, a, b, column, k);
    device::cp_async_commit();
  };
  for (int stage = 0; stage < kStages - 1; ++stage) copy(stage, first + stage * T::kStep);
  float sum[T::kSums] = {};
  int current = 0;
  for (int k = first; k < end; k += T::kStep) {
    device::cp_async_wait<kStages - 2>();
    __syncthreads();  // this stage is whole, and nobody reads the one before any more
    copy((current + kStages - 1) % kStages, k + (kStages - 1) * T::kStep);
    T::multiply(sum, stages + current * T::kStageBytes);
    current = (current + 1) % kStages;
  }
  if (!add_parts<T::kSums, T::kThreads>(sum, partials, split)) return;
  store_block<T>(sum, matrix_at<typename T::Types::Out>(g.c, tile.batch, g.m, g.n),
                 static_cast<const float*>(g.bias), column);
}

template <int rows>
using Fma = FmaBlock<rows, kColumns, 4, 32>;  // a warp has every fourth row
template <Precision P, int rows>
using Mma = MmaBlock<P, rows, kColumns, 1, 4>;  // a warp has 32 columns

class SkinnyPlan : public GemmPlan {
 public:
  SkinnyPlan(const ContextPtr& context, const PlacedGemm& placed)
      : context_(context),
        placed_(placed),
        grid_(tile_grid(placed.gemm.batch, 1, placed.gemm.n, 1, kColumns)) {
    const Gemm& g = placed.gemm;
    const int64_t size = breakeven::bytes(facts(g.precision).input);
    rows_ = g.m <= 16 ? 16 : g.m <= 32 ? 32 : 64;
    // Reading A costs about half of reading B: it comes from L2.
    split_ = split_k({.tiles = grid_.blocks(),
                      .k = g.k,
                      .step = static_cast<int>(128 / size),
                      .tile_bytes = static_cast<double>((kColumns + rows_ / 2) * g.k * size),
                      .partial_bytes = static_cast<double>(rows_ * kColumns * 4) / 2,
                      .multiprocessors = context->properties().multiProcessorCount});
    partials_ = PartialsBuffer(grid_.blocks(), split_.parts, rows_ * kColumns, context->stream());
    require_code(reinterpret_cast<const void*>(skinny<Mma<Precision::bf16, 16>, Alignment::chunk>), 80);
  }
  void launch(int64_t slot) override {
    rows_ == 16 ? choose<16>(slot) : rows_ == 32 ? choose<32>(slot) : choose<64>(slot);
  }

 private:
  template <int rows>
  void choose(int64_t slot) {
    const Precision precision = placed_.gemm.precision;
    if (precision == Precision::fp32) return start<Fma<rows>>(slot);
    precision == Precision::bf16 ? start<Mma<Precision::bf16, rows>>(slot)
                                 : start<Mma<Precision::fp16, rows>>(slot);
  }
  template <class T>
  void start(int64_t slot) {
    const GemmArguments g = placed_.arguments(slot);
    const bool aligned = (g.n | g.k) * sizeof(typename T::In) % 16 == 0;
    device::launch("gemm skinny", aligned ? skinny<T, Alignment::chunk> : skinny<T, Alignment::element>,
                   {.grid = grid_.blocks() * split_.parts,
                    .block = T::kThreads,
                    .shared_bytes = kStages * T::kStageBytes},
                   context_->stream(), g, grid_, split_, partials_.get());
  }

  ContextPtr context_;
  const PlacedGemm& placed_;
  TileGrid grid_;
  int rows_ = 0;
  SplitK split_{1, 0};
  PartialsBuffer partials_;
};

Reason why_not(const Gemm& gemm) {
  if (gemm.m < kLeastRows || gemm.m > kMostRows) return "made for m from 5 to 64, not for " + gemm.name();
  return why_not_float_on_cuda_cores(gemm);
}

std::unique_ptr<GemmPlan> prepare(const ContextPtr& context, PlacedGemm& placed) {
  return std::make_unique<SkinnyPlan>(context, placed);
}

}  // namespace

Kernel gemm_skinny(const ContextPtr& context) {
  return own_gemm(context, {.name = "skinny",
                            .summary = "own: for m from 5 to 64, one pass over B, k split among blocks",
                            .why_not = why_not,
                            .prepare = prepare,
                            .needs = needs_ampere,
                            .scratch_bytes = split_k_scratch_bytes});
}

}  // namespace breakeven::cuda
