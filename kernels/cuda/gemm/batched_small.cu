// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// batched_small: many small products, one block for each.
//
// Bounded before: a tile kernel's 128 x 128 tile is mostly outside a matrix of 40 x 40, and its pipeline ends
// before it is full.
// Tile: the whole of C, in the smallest of three blocks that holds it: 32 x 64, 64 x 64, 128 x 128 (16-bit
// types, on tensor cores) or 32 x 32, 64 x 64, 128 x 128 (fp32, on CUDA cores).
// Traffic: every operand is read once and C written once. Two stages, 128 bytes of k each: with 16-bit types
// and k up to 128 all of A and B is asked for before the first multiplication. What hides the memory is not
// the pipeline but the other blocks: 3 of the largest on a multiprocessor, 32 of the smallest.
// Trap: the second stage's copies are waited for last, so the last step must wait for all of them.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/block_tile.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kStages = 2, kLargest = 128;

template <class T, Alignment alignment>
__global__ void __launch_bounds__(T::kThreads, T::kThreads == 256 ? 2 : 4) batched_small(GemmArguments g) {
  using In = typename T::In;
  std::byte* const stages = device::dynamic_shared();
  const auto a = matrix_at<const In>(g.a, blockIdx.x, g.m, g.k);
  const auto b = matrix_at<const In>(g.b, blockIdx.x, g.k, g.n);
  const auto copy = [&](int stage, int k) {
    if (k < b.rows) T::template copy<alignment>(stages + stage * T::kStageBytes, a, b, 0, k);
    device::cp_async_commit();
  };
  for (int stage = 0; stage < kStages; ++stage) copy(stage, stage * T::kStep);
  float sum[T::kSums] = {};
  int current = 0;
  for (int k = 0; k < b.rows; k += T::kStep) {
    device::cp_async_wait<kStages - 1>();
    __syncthreads();  // this stage is whole
    T::multiply(sum, stages + current * T::kStageBytes);
    __syncthreads();  // nobody reads it any more
    copy(current, k + kStages * T::kStep);
    current = (current + 1) % kStages;
  }
  store_block<T>(sum, matrix_at<typename T::Types::Out>(g.c, blockIdx.x, g.m, g.n),
                 static_cast<const float*>(g.bias), 0);
}

template <class T>
void start(const GemmArguments& g, cudaStream_t stream) {
  const bool aligned = (g.n | g.k) * sizeof(typename T::In) % 16 == 0;
  device::launch("gemm batched_small",
                 aligned ? batched_small<T, Alignment::chunk> : batched_small<T, Alignment::element>,
                 {.grid = static_cast<unsigned>(g.batch),
                  .block = T::kThreads,
                  .shared_bytes = kStages * T::kStageBytes},
                 stream, g);
}

void launch_batched_small(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision(precision, [&]<Precision P>() {
    const int64_t side = std::max(g.m, g.n);
    if constexpr (P == Precision::fp32) {
      side <= 32   ? start<FmaBlock<32, 32, 8, 8>>(g, stream)
      : side <= 64 ? start<FmaBlock<64, 64, 8, 8>>(g, stream)
                   : start<FmaBlock<128, 128, 16, 16>>(g, stream);
    } else {
      side > 64   ? start<MmaBlock<P, 128, 128, 2, 4>>(g, stream)
      : g.m <= 32 ? start<MmaBlock<P, 32, 64, 1, 2>>(g, stream)
                  : start<MmaBlock<P, 64, 64, 2, 2>>(g, stream);
    }
  });
}

class BatchedSmallPlan : public GemmPlan {
 public:
  BatchedSmallPlan(const ContextPtr& context, const PlacedGemm& placed) : context_(context), placed_(placed) {
    if (placed.gemm.precision == Precision::fp32) return;
    require_code(reinterpret_cast<const void*>(
                     batched_small<MmaBlock<Precision::bf16, 64, 64, 2, 2>, Alignment::chunk>),
                 80);
  }
  void launch(int64_t slot) override {
    launch_batched_small(placed_.gemm.precision, placed_.arguments(slot), context_->stream());
  }

 private:
  ContextPtr context_;
  const PlacedGemm& placed_;
};

std::unique_ptr<GemmPlan> prepare(const ContextPtr& context, PlacedGemm& placed) {
  return std::make_unique<BatchedSmallPlan>(context, placed);
}

Reason why_not(const Gemm& gemm) {
  if (std::max({gemm.m, gemm.n, gemm.k}) > kLargest)
    return "made for matrices of up to 128 x 128 x 128, not for " + gemm.name();
  return why_not_float_on_cuda_cores(gemm);
}

Reason needs(Precision precision, int capability) {
  return precision == Precision::fp32 ? std::nullopt : needs_ampere(precision, capability);
}

}  // namespace

Kernel gemm_batched_small(const ContextPtr& context) {
  return own_gemm(context, {.name = "batched_small",
                            .summary = "own: for matrices of up to 128 x 128, one block for each",
                            .why_not = why_not,
                            .prepare = prepare,
                            .needs = needs});
}

}  // namespace breakeven::cuda
