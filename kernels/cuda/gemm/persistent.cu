// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// persistent: one block per multiprocessor that takes tile after tile.
//
// Bounded before (two_consumers): every tile began with an empty ring and ended with nobody loading; tiles
// ran in an order that shared little in L2; and each step's multiplication was waited for before the next
// began.
// Tile and ring as before, 128 x 256 (or 128 x 128 where those fill the waves better) and 4 (or 6) stages of
// one block per multiprocessor. The producer is already in the next tile while the consumers store this one.
// Tiles are taken in groups of rows (Raster), so that those in flight form a square of C. One step stays
// under way while the next is issued (wait<1>), and a stage is released one step late.
// Traps: the ring's place goes on from tile to tile, on both sides alike, never back to 0. The release
// belongs to the step before, whose stage must be remembered; after the last step nothing is under way and
// one is owed.

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
__device__ void produce(Ring<T>& ring, const HopperArguments& g) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster);
  RingPlace<T> place;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.raster, index);
    for (int step = 0; step < steps; ++step, place.advance()) {
      device::mbarrier_wait(&ring.empty[place.stage], place.parity ^ 1);
      load_step(ring, place.stage, g, tile, step);
    }
  }
}

/// The steps of one tile; returns with all of them done and released.
template <class T>
__device__ void multiply_tile(Sums<T>& sums, Ring<T>& ring, RingPlace<T>& place, int steps, int consumer) {
  RingPlace<T> previous = place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, a_rows(ring, place, consumer), ring.b[place.stage]);
    wait_for_steps<1>(sums);
    if (step > 0) release(ring, previous);
    previous = place;
  }
  wait_for_steps<0>(sums);
  release(ring, previous);
}

template <class T>
__device__ void consume(Ring<T>& ring, const HopperArguments& g, int consumer) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster);
  RingPlace<T> place;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.raster, index);
    Sums<T> sums = {};
    multiply_tile(sums, ring, place, steps, consumer);
    store_direct(sums, g, tile, tile.m + consumer * T::kRows);
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    persistent([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  start_ring(ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(ring, g);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(ring, g, warpgroup - 1);
  }
#endif
}

template <class T>
void launch_tile(const HopperCall& call) {
  device::launch(
      "gemm persistent", persistent<T>,
      {.grid = dim3(persistent_blocks(call)), .block = dim3(kThreads), .shared_bytes = sizeof(Ring<T>)},
      call.stream, call.arguments);
}

void launch(const HopperCall& call) {
  with_wgmma_precision(call.precision, [&]<Precision P>() {
    call.tile == TileShape{128, 256} ? launch_tile<HopperTile<P, 128, 256, 4, kConsumers>>(call)
                                     : launch_tile<HopperTile<P, 128, 128, 6, kConsumers>>(call);
  });
}

constexpr HopperRung kRung{
    .tiles = {{{128, 256}, {128, 128}}}, .order = RasterOrder::grouped, .launch = launch};

}  // namespace

Kernel gemm_persistent(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "persistent",
                   .summary = "own: one block per multiprocessor that takes tile after tile, 128 x 256",
                   .why_not = why_not_wgmma,
                   .prepare = prepare_hopper<kRung>,
                   .needs = needs_hopper,
                   .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
