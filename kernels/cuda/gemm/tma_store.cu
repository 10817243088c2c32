// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// tma_store: C leaves by way of shared memory too, in whole rows, while the next tile is computed.
//
// Bounded before (persistent): the epilogue wrote pairs of 4 bytes, eight rows by sixteen bytes a warp, so
// half of each 32-byte sector at a time, and the consumers waited until all had been issued.
// Tile: as before; 4 stages of 48 KiB and 2 x 2 slabs of 8 KiB for C, 225 KiB. Each consumer finishes (bias,
// ReLU, one rounding) 64 columns of its 64 rows at a time, stores them swizzled (stmatrix), and one thread
// sends them by TMA, which also clips what lies outside C. Two slabs take turns. Rows of C that are no
// multiple of 16 bytes cannot be described to TMA and are stored as before.
// Traps: fence_proxy_async stands between the ordinary stores and the TMA store, in every thread that stored,
// and then a barrier; without it the answer is right nearly always. A slab may be written again only after
// the store before the last has read it, across tiles too. And the block may not end before its last store
// has.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup;
constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;

template <class T>
struct Shared {
  Ring<T> ring;
  Staging staging[kConsumers];
};

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
__device__ void consume(Shared<T>& shared, const HopperArguments& g, int consumer) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster);
  RingPlace<T> place;
  int turn = 0;
  for (int index = first_tile(); index < tiles; index += tile_stride()) {
    const TilePlace tile = tile_place(g.raster, index);
    Sums<T> sums = {};
    multiply_tile(sums, shared.ring, place, steps, consumer);
    const int row = tile.m + consumer * T::kRows;
    g.c_by_tma ? store_staged(sums, shared.staging[consumer], turn, g, tile, row, consumer)
               : store_direct(sums, g, tile, row);
  }
  finish_stores();
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    tma_store([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<Shared<T>*>(device::dynamic_shared());
  start_ring(shared.ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(shared.ring, g);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(shared, g, warpgroup - 1);
  }
#endif
}

template <class T>
void launch_tile(const HopperCall& call) {
  device::launch(
      "gemm tma_store", tma_store<T>,
      {.grid = dim3(persistent_blocks(call)), .block = dim3(kThreads), .shared_bytes = sizeof(Shared<T>)},
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

Kernel gemm_tma_store(const ContextPtr& context) {
  return own_gemm(context, {.name = "tma_store",
                            .summary = "own: C leaves by TMA too, under the next tile; bias and ReLU fused",
                            .why_not = why_not_wgmma,
                            .prepare = prepare_hopper<kRung>,
                            .needs = needs_hopper,
                            .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
