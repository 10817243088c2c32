// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// stream_k: the steps of all tiles, not the tiles, are shared out evenly.
//
// Bounded before (tma_store): with 140 tiles for 132 multiprocessors the last wave runs on 8 of them, and
// with 32 tiles 100 never run at all.
// Tile: as before. The tiles that fill no whole wave (and those of one wave more, so that every share is at
// least one tile long) form one line of steps, cut into equal shares, one per block. A block walks its share
// backwards: first the head of the tile that the next block ends, as a partial sum into the workspace; then
// whole tiles; last the end of the tile that earlier blocks began, to which it adds their partial sums and
// which it finishes. So everything waited for was begun first. How many tiles are shared out and by how many
// blocks: stream_share().
// Traps: the sums are added in the order of the blocks, by one block, never by atomic additions: repeats are
// equal to the bit. A block waits for lower numbers only, which were started before it; all are in flight at
// once, one per multiprocessor. And whoever takes a partial sum lowers its flag for the next execution.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/hopper_plan.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/cuda/gemm/hopper_stream.h"
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
__device__ void produce(Ring<T>& ring, const HopperArguments& g, const SharedOut& out) {
  RingPlace<T> place;
  ShareWalk walk(out, steps_of<T>(g.k), tiles_of(g.raster));
  for (Segment segment; walk.next(segment);) {
    const TilePlace tile = tile_place(g.raster, segment.tile);
    for (int step = segment.first; step < segment.last; ++step, place.advance()) {
      device::mbarrier_wait(&ring.empty[place.stage], place.parity ^ 1);
      load_step(ring, place.stage, g, tile, step);
    }
  }
}

/// The steps of one segment; returns with all of them done and released.
template <class T>
__device__ void multiply_segment(Sums<T>& sums, Ring<T>& ring, RingPlace<T>& place, int steps, int consumer) {
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
__device__ void consume(Shared<T>& shared, const HopperArguments& g, const SharedOut& out, int consumer) {
  const int steps = steps_of<T>(g.k);
  RingPlace<T> place;
  int turn = 0;
  ShareWalk walk(out, steps, tiles_of(g.raster));
  for (Segment segment; walk.next(segment);) {
    Sums<T> sums = {};
    multiply_segment(sums, shared.ring, place, segment.last - segment.first, consumer);
    if (segment.last < steps) {
      leave_partial(sums, out, consumer);
      continue;
    }
    if (segment.first > 0) add_partials(sums, out, walk.first_block(segment.tile), consumer);
    const TilePlace tile = tile_place(g.raster, segment.tile);
    const int row = tile.m + consumer * T::kRows;
    g.c_by_tma ? store_staged(sums, shared.staging[consumer], turn, g, tile, row, consumer)
               : store_direct(sums, g, tile, row);
  }
  finish_stores();
}

template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    stream_k([[maybe_unused]] const __grid_constant__ HopperArguments g,
             [[maybe_unused]] const SharedOut out) {
#if BREAKEVEN_HOPPER
  auto& shared = *reinterpret_cast<Shared<T>*>(device::dynamic_shared());
  start_ring(shared.ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(shared.ring, g, out);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(shared, g, out, warpgroup - 1);
  }
#endif
}

/// Partial sums of every block, then a flag for each of its consumers.
int64_t workspace_bytes(const TileShape& tile, int multiprocessors) {
  return multiprocessors * (int64_t{tile.m} * tile.n * 4 + kConsumers * 4);
}

template <class T>
void launch_tile(const HopperCall& call) {
  const HopperArguments& g = call.arguments;
  const int64_t steps = (g.k + T::kDepth - 1) / T::kDepth;
  const StreamShare chosen =
      stream_share(g.raster.tiles(), steps, call.tile, {.multiprocessors = call.multiprocessors});
  auto* flags =
      reinterpret_cast<unsigned*>(call.workspace + int64_t{call.multiprocessors} * T::kM * T::kN * 4);
  const SharedOut shared_out{chosen.tiles, chosen.blocks, reinterpret_cast<uint4*>(call.workspace), flags};
  device::launch("gemm stream_k", stream_k<T>,
                 {.grid = dim3(static_cast<unsigned>(chosen.grid)),
                  .block = dim3(kThreads),
                  .shared_bytes = sizeof(Shared<T>)},
                 call.stream, g, shared_out);
}

void launch(const HopperCall& call) {
  with_wgmma_precision(call.precision, [&]<Precision P>() {
    call.tile == TileShape{128, 256} ? launch_tile<HopperTile<P, 128, 256, 4, kConsumers>>(call)
                                     : launch_tile<HopperTile<P, 128, 128, 6, kConsumers>>(call);
  });
}

constexpr HopperRung kRung{.tiles = {{{128, 256}, {128, 128}}},
                           .order = RasterOrder::grouped,
                           .division = Division::streamed,
                           .workspace_bytes = workspace_bytes,
                           .launch = launch};

}  // namespace

Kernel gemm_stream_k(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "stream_k",
                   .summary = "own: steps of k shared out evenly, partial sums added in a fixed order",
                   .why_not = why_not_wgmma,
                   .prepare = prepare_hopper<kRung>,
                   .needs = needs_hopper,
                   .scratch_bytes = hopper_scratch_bytes});
}

}  // namespace breakeven::cuda
