// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// pingpong: each consumer has a tile of its own, and they take turns at the tensor cores.
//
// Bounded before (cluster): both consumers finish a tile at the same time, and while both store C nobody
// multiplies; with short k that is a good part of the time.
// Tile: 128 x 128 of C by one consumer alone (two instructions of 64 rows), the next by the other; in a
// cluster 256 x 128. Ring of 6 stages of 32 KiB, filled for the consumers in turn. One multiplies its whole
// tile while the other stores C and then waits. L2 is asked for as much as before: half the columns, shared
// by two blocks.
// Traps: a stage is read by one consumer, in both blocks. Each consumer skips the other's steps in the ring,
// stage and parity alike. The turn is passed when the last step is issued, not when it is done, so that the
// other's first follows at once; and the first turn is the first consumer's without being passed.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/device/cluster.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup;
constexpr int kCluster = 2;  // blocks
constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;

template <class T>
struct Shared {
  Ring<T> ring;
  Staging staging[kConsumers];
  device::Mbarrier turn[kConsumers];  // counts the warps of the other consumer, which pass the turn
};

/// One thread: its half of B to both blocks.
template <class T>
__device__ void load_half_b(Ring<T>& ring, int stage, const HopperArguments& g, const TilePlace& tile,
                            int step, int rank) {
  constexpr uint16_t kBoth = (1 << kCluster) - 1;
  const int k = step * T::kDepth;
  std::byte* half = ring.b[stage] + rank * (T::kBBytes / kCluster);
  const int n = tile.n + rank * (T::kN / kCluster);
  if constexpr (kBMajor<T::kPrecision> == device::Major::k) {
    device::tma_load_multicast(half, &g.b, &ring.full[stage], k, n, tile.batch, kBoth);
  } else {
#pragma unroll
    for (int slab = 0; slab < T::kN / kSlabColumns / kCluster; ++slab) {
      device::tma_load_multicast(half + slab * kSlabBytes, &g.b, &ring.full[stage], n + slab * kSlabColumns,
                                 k, tile.batch, kBoth);
    }
  }
}

/// In both blocks.
template <class T>
__device__ void release_in_cluster(Ring<T>& ring, const RingPlace<T>& place) {
  const int lane = threadIdx.x % 32;
  if (lane < kCluster) device::mbarrier_arrive_cluster(&ring.empty[place.stage], lane);
}

/// One thread.
template <class T>
__device__ void produce(Ring<T>& ring, const HopperArguments& g, int rank) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster);
  RingPlace<T> place;
  for (int index = first_tile<kCluster>(); index < tiles; index += tile_stride<kCluster>()) {
    const TilePlace tile = tile_place(g.raster, index, rank * T::kM);
    for (int step = 0; step < steps; ++step, place.advance()) {
      device::mbarrier_wait_cluster(&ring.empty[place.stage], place.parity ^ 1);
      device::mbarrier_arrive_expect(&ring.full[place.stage], T::kABytes + T::kBBytes);
      load_a(ring, place.stage, g, tile, step);
      load_half_b(ring, place.stage, g, tile, step, rank);
    }
  }
}

/// The steps of one tile, when it is this consumer's turn; returns with all of them done and released.
template <class T>
__device__ void multiply_tile(Sums<T>& sums, Shared<T>& shared, RingPlace<T>& place, int steps, int consumer,
                              int turn_parity) {
  Ring<T>& ring = shared.ring;
  RingPlace<T> previous = place;
  device::mbarrier_wait(&shared.turn[consumer], turn_parity);
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, a_rows(ring, place, 0), ring.b[place.stage]);
    wait_for_steps<1>(sums);
    if (step > 0) release_in_cluster(ring, previous);
    previous = place;
  }
  if (threadIdx.x % 32 == 0) device::mbarrier_arrive(&shared.turn[1 - consumer]);
  wait_for_steps<0>(sums);
  release_in_cluster(ring, previous);
}

/// Past the steps of a tile that is the other consumer's.
template <class T>
__device__ void skip(RingPlace<T>& place, int steps) {
  const int stages = place.stage + steps;
  place.stage = stages % T::kStages;
  place.parity ^= stages / T::kStages % 2;
}

template <class T>
__device__ void consume(Shared<T>& shared, const HopperArguments& g, int rank, int consumer) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster), stride = tile_stride<kCluster>();
  RingPlace<T> place;
  if (consumer == 1) skip(place, steps);
  int sent = 0, turn_parity = 1 - consumer;  // the first turn of consumer 0 is not passed to it
  for (int index = first_tile<kCluster>() + consumer * stride; index < tiles; index += kConsumers * stride) {
    const TilePlace tile = tile_place(g.raster, index, rank * T::kM);
    Sums<T> sums = {};
    multiply_tile(sums, shared, place, steps, consumer, turn_parity);
    skip(place, steps);
    turn_parity ^= 1;
    g.c_by_tma ? store_staged(sums, shared.staging[consumer], sent, g, tile, tile.m, consumer)
               : store_direct(sums, g, tile, tile.m);
  }
  finish_stores();
}

/// By one thread, before the block's first barrier.
template <class T>
__device__ void start_turns(Shared<T>& shared) {
  for (device::Mbarrier& turn : shared.turn) device::mbarrier_init(&turn, kWarpsPerWarpgroup);
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    pingpong([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<Shared<T>*>(device::dynamic_shared());
  if (threadIdx.x == 0) start_turns(shared);
  start_ring(shared.ring, kCluster * kWarpsPerWarpgroup);
  device::cluster_sync();  // the other's barriers stand as well
  const int warpgroup = warpgroup_of_thread(), rank = device::cluster_rank();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(shared.ring, g, rank);
    __syncwarp();
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(shared, g, rank, warpgroup - 1);
  }
  device::cluster_sync();  // nobody arrives here any more
#endif
}

template <class T>
void launch_tile(const HopperCall& call) {
  device::launch("gemm pingpong", pingpong<T>,
                 {.grid = dim3(persistent_blocks(call, kCluster)),
                  .block = dim3(kThreads),
                  .shared_bytes = sizeof(Shared<T>),
                  .cluster = dim3(kCluster)},
                 call.stream, call.arguments);
}

void launch(const HopperCall& call) {
  with_wgmma_precision(call.precision, [&]<Precision P>() { launch_tile<HopperTile<P, 128, 128, 6>>(call); });
}

constexpr HopperRung kRung{
    .tiles = {{{128, 128}}}, .cluster = kCluster, .order = RasterOrder::grouped, .launch = launch};

}  // namespace

Kernel gemm_pingpong(const ContextPtr& context) {
  return own_gemm(context, {.name = "pingpong",
                            .summary = "own: the consumers take turns, each with a tile of its own",
                            .why_not = why_not_wgmma,
                            .prepare = prepare_hopper<kRung>,
                            .needs = needs_hopper,
                            .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
