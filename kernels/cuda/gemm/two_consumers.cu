// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// two_consumers: a second consumer, so that one multiplies while the other waits, and a tile twice as wide.
//
// Bounded before (warp_specialised): 128 x 128 tiles ask L2 for 64 bytes a cycle, more than it gives, and
// with one consumer the tensor cores are idle whenever that one waits for a barrier.
// Tile: 128 x 256 of C, each consumer 64 rows of all 256 columns: the largest instruction there is, and the
// most accumulators (128 a thread) that do not spill. B is read from L2 once for both. k in steps of 128
// bytes. Ring of 4 stages of 48 KiB, 192 KiB. From here on in every precision that wgmma knows; fp8 adds up
// what it multiplies outside the tensor cores (multiply_step_promoted).
// Traps: `empty` now counts the warps of both consumers: with 4 instead of 8 arrivals the faster one would
// give away what the slower still reads. Registers: 128 x 40 + 256 x 232 is exactly what 384 threads x 168
// have.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_epilogue.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup;
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
__device__ void consume(Ring<T>& ring, const HopperArguments& g, const TilePlace& tile, int consumer) {
  const int steps = steps_of<T>(g.k);
  Sums<T> sums = {};
  RingPlace<T> place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, a_rows(ring, place, consumer), ring.b[place.stage]);
    wait_for_steps<0>(sums);
    release(ring, place);
  }
  store_direct(sums, g, tile, tile.m + consumer * T::kRows);
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    two_consumers([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  const TilePlace tile = tile_place(g.raster, static_cast<int>(blockIdx.x));
  start_ring(ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(ring, g, tile);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(ring, g, tile, warpgroup - 1);
  }
#endif
}

void launch(const HopperCall& call) {
  with_wgmma_precision(call.precision, [&]<Precision P>() {
    using T = HopperTile<P, 128, 256, 4, kConsumers>;
    const auto blocks = static_cast<unsigned>(call.arguments.raster.tiles());
    device::launch("gemm two_consumers", two_consumers<T>,
                   {.grid = dim3(blocks), .block = dim3(kThreads), .shared_bytes = sizeof(Ring<T>)},
                   call.stream, call.arguments);
  });
}

constexpr HopperRung kRung{.tiles = {{{128, 256}}}, .launch = launch};

}  // namespace

Kernel gemm_two_consumers(const ContextPtr& context) {
  return own_gemm(context, {.name = "two_consumers",
                            .summary = "own: one warpgroup loads, two multiply, 128 x 256 tiles",
                            .why_not = why_not_wgmma,
                            .prepare = prepare_hopper<kRung>,
                            .needs = needs_hopper,
                            .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
