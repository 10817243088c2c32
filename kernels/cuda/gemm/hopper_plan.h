// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "kernels/cuda/gemm/hopper_arguments.h"
#include "kernels/cuda/gemm/hopper_choice.h"
#include "kernels/cuda/gemm_job.h"

// The host's side of the Hopper rungs: tile and raster are chosen, operands brought to what TMA can describe,
// tensor maps made for every slot; then each execution is one launch.

namespace breakeven::cuda {

/// One execution as a rung launches it.
struct HopperCall {
  Precision precision;
  TileShape tile;
  const HopperArguments& arguments;
  int multiprocessors;
  std::byte* workspace;  // zero before the first execution; null where the rung asks for none
  cudaStream_t stream;
};

/// One block per multiprocessor, or fewer where there are fewer tiles; whole clusters.
unsigned persistent_blocks(const HopperCall&, int cluster = 1);

enum class RasterOrder : uint8_t { rows, grouped };

/// One of the kernels, to ask whether this build holds code for them: all are compiled alike.
const void* any_hopper_kernel();

/// What tells one rung from another on the host.
struct HopperRung {
  std::array<TileShape, 4> tiles;  // to choose from; unused ones 0 x 0
  int blocks_per_multiprocessor = 1;
  int cluster = 1;  // blocks along m that load B for one another
  RasterOrder order = RasterOrder::rows;
  Division division = Division::whole;
  int64_t (*workspace_bytes)(const TileShape&, int multiprocessors) = nullptr;
  void (*launch)(const HopperCall&);
};

std::unique_ptr<GemmPlan> plan_hopper(const ContextPtr&, PlacedGemm&, const HopperRung&);
/// For OwnGemm::prepare.
template <const HopperRung& rung>
std::unique_ptr<GemmPlan> prepare_hopper(const ContextPtr& context, PlacedGemm& placed) {
  return plan_hopper(context, placed, rung);
}
/// For OwnGemm::scratch_bytes: pitched or turned operands, and the largest workspace.
int64_t hopper_scratch_bytes(const Gemm&);

/// bf16 and fp16; the lower rungs.
Reason why_not_half(const Gemm&);
/// Every precision of wgmma; the upper rungs.
Reason why_not_wgmma(const Gemm&);

/// Calls `f.operator()<P>()`; the kernel's `why_not` has turned other precisions away before.
template <class F>
void with_half_precision(Precision precision, const F& f) {
  precision == Precision::bf16 ? f.template operator()<Precision::bf16>()
                               : f.template operator()<Precision::fp16>();
}
template <class F>
void with_wgmma_precision(Precision precision, const F& f) {
  switch (precision) {
    case Precision::tf32:
      return f.template operator()<Precision::tf32>();
    case Precision::fp8e4m3:
      return f.template operator()<Precision::fp8e4m3>();
    case Precision::int8:
      return f.template operator()<Precision::int8>();
    default:
      return with_half_precision(precision, f);
  }
}

}  // namespace breakeven::cuda
