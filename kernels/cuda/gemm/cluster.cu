// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cluster: two blocks, one above the other in C, share their tiles of B: each loads half and TMA writes it to
// both.
//
// Bounded before (tma_store): a 128 x 256 tile asks L2 for 48 bytes a cycle on every multiprocessor, about
// what it gives. Two blocks together ask for 2 x 128 rows of A and 256 columns of B, a third less.
// Tile: as before in each block, 256 x 256 in the cluster. `empty` counts the warps of both blocks, since the
// stage that a block fills with B is the other's too.
// Traps: a consumer releases its stage in both blocks. The other's bytes may come before a producer has
// promised its own: the count of a phase may run below zero, it cannot complete before the promise. Nobody
// may end while the other still arrives at its barriers: all meet at the end. Both blocks take the same
// number of steps, also where one of them has only rows below C. And clusters cost: blocks of a pair wait for
// each other. Where they do not pay, tma_store is the better choice.

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

/// The steps of one tile; returns with all of them done and released.
template <class T>
__device__ void multiply_tile(Sums<T>& sums, Ring<T>& ring, RingPlace<T>& place, int steps, int consumer) {
  RingPlace<T> previous = place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_step(sums, a_rows(ring, place, consumer), ring.b[place.stage]);
    wait_for_steps<1>(sums);
    if (step > 0) release_in_cluster(ring, previous);
    previous = place;
  }
  wait_for_steps<0>(sums);
  release_in_cluster(ring, previous);
}

template <class T>
__device__ void consume(Shared<T>& shared, const HopperArguments& g, int rank, int consumer) {
  const int steps = steps_of<T>(g.k), tiles = tiles_of(g.raster);
  RingPlace<T> place;
  int turn = 0;
  for (int index = first_tile<kCluster>(); index < tiles; index += tile_stride<kCluster>()) {
    const TilePlace tile = tile_place(g.raster, index, rank * T::kM);
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
    cluster([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<Shared<T>*>(device::dynamic_shared());
  start_ring(shared.ring, kCluster * kConsumers * kWarpsPerWarpgroup);
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
  device::launch("gemm cluster", cluster<T>,
                 {.grid = dim3(persistent_blocks(call, kCluster)),
                  .block = dim3(kThreads),
                  .shared_bytes = sizeof(Shared<T>),
                  .cluster = dim3(kCluster)},
                 call.stream, call.arguments);
}

void launch(const HopperCall& call) {
  with_wgmma_precision(call.precision, [&]<Precision P>() {
    call.tile == TileShape{128, 256} ? launch_tile<HopperTile<P, 128, 256, 4, kConsumers>>(call)
                                     : launch_tile<HopperTile<P, 128, 128, 6, kConsumers>>(call);
  });
}

constexpr HopperRung kRung{.tiles = {{{128, 256}, {128, 128}}},
                           .cluster = kCluster,
                           .order = RasterOrder::grouped,
                           .launch = launch};

}  // namespace

Kernel gemm_cluster(const ContextPtr& context) {
  return own_gemm(context, {.name = "cluster",
                            .summary = "own: pairs of blocks load B for each other (multicast)",
                            .why_not = why_not_wgmma,
                            .prepare = prepare_hopper<kRung>,
                            .needs = needs_hopper,
                            .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
