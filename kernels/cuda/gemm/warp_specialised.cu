// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// warp_specialised: one warpgroup only starts copies, another only multiplies, and they meet at mbarriers.
//
// Bounded before (wgmma_tma): after every step all warps met, one of them asked for the next tiles, and the
// tensor cores waited meanwhile. Now the producer runs ahead as far as the ring lets it.
// Tile: 128 x 128 of C by the one consumer; k in steps of 64. Ring of 5 stages, 160 KiB: one block per
// multiprocessor. Each stage has two mbarriers: `full` (the bytes have come) and `empty` (all four warps have
// read them). setmaxnreg moves registers from the producer, which needs few, to the consumer.
// Traps: parities. The producer waits for empty[stage] with the opposite parity, so that its first round
// passes; both sides flip theirs when the ring wraps. A stage is released after the wait for wgmma, never
// after its issue. And the producer is a whole warpgroup of which one thread works: setmaxnreg counts by
// warpgroup.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_epilogue.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 2 * kWarpgroup;
constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;

/// One thread.
template <class T>
__device__ void produce(Ring<T>& ring, const HopperArguments& g, const TilePlace& tile) {
  const int steps = steps_of<T>(g.k);
  RingPlace<T> place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.empty[place.stage], place.parity ^ 1);
    load_step(ring, place.stage, g, tile, step);
  }
}

template <class T>
__device__ void consume(Ring<T>& ring, const HopperArguments& g, const TilePlace& tile) {
  const int steps = steps_of<T>(g.k);
  Sums<T> sums = {};
  RingPlace<T> place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, ring.a[place.stage], ring.b[place.stage]);
    wait_for_steps<0>(sums);
    release(ring, place);
  }
  store_direct(sums, g, tile, tile.m);
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    warp_specialised([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  const TilePlace tile = tile_place(g.raster, static_cast<int>(blockIdx.x));
  start_ring(ring, kWarpsPerWarpgroup);
  if (warpgroup_of_thread() == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(ring, g, tile);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(ring, g, tile);
  }
#endif
}

void launch(const HopperCall& call) {
  with_half_precision(call.precision, [&]<Precision P>() {
    using T = HopperTile<P, 128, 128, 5>;
    const auto blocks = static_cast<unsigned>(call.arguments.raster.tiles());
    device::launch("gemm warp_specialised", warp_specialised<T>,
                   {.grid = dim3(blocks), .block = dim3(kThreads), .shared_bytes = sizeof(Ring<T>)},
                   call.stream, call.arguments);
  });
}

constexpr HopperRung kRung{.tiles = {{{128, 128}}}, .launch = launch};

}  // namespace

Kernel gemm_warp_specialised(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "warp_specialised",
                   .summary = "own: one warpgroup loads by TMA, one multiplies by wgmma, 128 x 128 tiles",
                   .why_not = why_not_half,
                   .prepare = prepare_hopper<kRung>,
                   .needs = needs_hopper,
                   .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
