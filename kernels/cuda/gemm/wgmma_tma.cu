// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// wgmma_tma: Hopper's own instructions. Four warps together multiply straight from shared memory (wgmma), and
// one thread has whole tiles copied there, already swizzled (TMA).
//
// Bounded before (mma_swizzled): every operand passed through registers on its way to the tensor cores, by
// instructions of every warp; the older mma.sync reaches about half of what Hopper can do.
// Tile: 128 x 128 of C by one warpgroup (two instructions of 64 rows), or 64 x 64 where there are few tiles;
// k in steps of 64 (128 bytes). Ring of 3 stages, 96 KiB, two blocks per multiprocessor. 128 accumulators a
// thread.
// Traps: a stage may be refilled only when all four warps have finished reading it, hence wait, then barrier,
// then the next copy. No fence is needed between: wgmma and TMA are on the same side, the async proxy.
// And a tensor map must be a kernel parameter (__grid_constant__), never a copy of one in local memory.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_epilogue.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = kWarpgroup;

template <class T>
__global__ void __launch_bounds__(kThreads, 2)
    wgmma_tma([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  const TilePlace tile = tile_place(g.raster, static_cast<int>(blockIdx.x));
  const int steps = steps_of<T>(g.k);
  start_ring(ring, 1);
  if (threadIdx.x == 0) {
    for (int step = 0; step < min(steps, T::kStages); ++step) load_step(ring, step, g, tile, step);
  }
  Sums<T> sums = {};
  RingPlace<T> place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, ring.a[place.stage], ring.b[place.stage]);
    wait_for_steps<0>(sums);
    __syncthreads();  // all four warps have read the stage
    if (threadIdx.x == 0 && step + T::kStages < steps) {
      load_step(ring, place.stage, g, tile, step + T::kStages);
    }
  }
  store_direct(sums, g, tile, tile.m);
#endif
}

template <Precision P, int m, int n>
void launch_tile(const HopperCall& call) {
  using T = HopperTile<P, m, n, 3>;
  const auto blocks = static_cast<unsigned>(call.arguments.raster.tiles());
  device::launch("gemm wgmma_tma", wgmma_tma<T>,
                 {.grid = dim3(blocks), .block = dim3(kThreads), .shared_bytes = sizeof(Ring<T>)},
                 call.stream, call.arguments);
}

void launch(const HopperCall& call) {
  with_half_precision(call.precision, [&]<Precision P>() {
    call.tile == TileShape{128, 128} ? launch_tile<P, 128, 128>(call) : launch_tile<P, 64, 64>(call);
  });
}

constexpr HopperRung kRung{
    .tiles = {{{128, 128}, {64, 64}}}, .blocks_per_multiprocessor = 2, .launch = launch};

}  // namespace

const void* any_hopper_kernel() {
  return reinterpret_cast<const void*>(wgmma_tma<HopperTile<Precision::bf16, 64, 64, 3>>);
}

Kernel gemm_wgmma_tma(const ContextPtr& context) {
  return own_gemm(context, {.name = "wgmma_tma",
                            .summary = "own: wgmma on 128 x 128 tiles that TMA brings to shared memory",
                            .why_not = why_not_half,
                            .prepare = prepare_hopper<kRung>,
                            .needs = needs_hopper,
                            .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
