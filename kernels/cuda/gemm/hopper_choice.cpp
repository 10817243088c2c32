// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/hopper_choice.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace breakeven::cuda {
namespace {

// Per multiprocessor and cycle. Tensor cores: 32 results advance by one step (128 bytes) of k in a cycle, in
// every precision, since the faster ones take more elements of k: 4096 flops per cycle in bf16. Shared
// memory: 128 bytes; each instruction reads its 64 rows of A and all of its B. L2: 64 bytes to one
// multiprocessor; to all of them at once about 48 each, for 128 x 256 tiles without clusters are known to
// reach 780 Tflop/s on an H100, which is 46.
constexpr double kResultsPerCycle = 32, kSharedBytesPerCycle = 128;
constexpr double kL2BytesPerCycle = 64, kL2BytesPerCycleOfAll = 48;
constexpr int kStepBytes = 128, kInstructionRows = 64;
constexpr double kFillCycles = 1500;         // until a tile's first operands are there
constexpr double kStoredBytesPerCycle = 32;  // of C, after the last step
constexpr int kMostParts = 16;               // that a tile is cut into

double divided_up(double x, double by) { return std::ceil(x / by); }

double l2_bytes_per_cycle(double active, const HopperLimits& limits) {
  return std::min(kL2BytesPerCycle, kL2BytesPerCycleOfAll * limits.multiprocessors / active);
}

/// Cycles of one step, `active` multiprocessors at work.
double step_cycles(const TileShape& tile, double active, const HopperLimits& limits) {
  const double tensor_cores = tile.m * tile.n / kResultsPerCycle;
  const double shared = static_cast<double>(tile.m) / kInstructionRows * (kInstructionRows + tile.n) *
                        kStepBytes / kSharedBytesPerCycle;
  const double asked = (tile.m + static_cast<double>(tile.n) / limits.cluster) * kStepBytes;
  return std::max({tensor_cores, shared, asked / l2_bytes_per_cycle(active, limits)});
}

/// Cycles of the steps of `tiles` tiles, taken whole.
double whole_cycles(double tiles, double steps, const TileShape& tile, const HopperLimits& limits) {
  const double active = std::min<double>(tiles, limits.multiprocessors);
  return divided_up(tiles, limits.multiprocessors) * steps * step_cycles(tile, active, limits);
}

/// Cycles of the steps of `tiles` tiles shared out among `blocks`: each leaves at most one partial sum, and
/// whoever ends a tile takes those of all who began it.
double shared_cycles(double tiles, double blocks, double steps, const TileShape& tile,
                     const HopperLimits& limits) {
  const double partial = tile.m * tile.n * 4.0 / l2_bytes_per_cycle(blocks, limits);
  const double passed = 1 + std::max(1.0, divided_up(blocks, tiles) - 1);
  return tiles / blocks * steps * step_cycles(tile, blocks, limits) + passed * partial;
}

double stream_cycles(int64_t tiles, double steps, const TileShape& tile, const HopperLimits& limits) {
  const StreamShare share = stream_share(tiles, static_cast<int64_t>(steps), tile, limits);
  double cycles = share.blocks > 0 ? shared_cycles(share.tiles, share.blocks, steps, tile, limits) : 0;
  if (tiles > share.tiles)
    cycles += whole_cycles(static_cast<double>(tiles - share.tiles), steps, tile, limits);
  return cycles;
}

}  // namespace

double model_cycles(const Gemm& gemm, const TileShape& tile, const HopperLimits& limits) {
  const auto depth = static_cast<double>(kStepBytes / bytes(facts(gemm.precision).input));
  const auto output_bytes = static_cast<double>(bytes(facts(gemm.precision).output));
  const double rows = divided_up(static_cast<double>(gemm.m), tile.m * limits.cluster) * limits.cluster;
  const double tiles =
      static_cast<double>(gemm.batch) * rows * divided_up(static_cast<double>(gemm.n), tile.n);
  const double steps = divided_up(static_cast<double>(gemm.k), depth);
  const double besides = kFillCycles + tile.m * tile.n * output_bytes / kStoredBytesPerCycle;
  const double multiplied = limits.division == Division::whole
                                ? whole_cycles(tiles, steps, tile, limits)
                                : stream_cycles(static_cast<int64_t>(tiles), steps, tile, limits);
  return multiplied + divided_up(tiles, limits.multiprocessors) * besides;
}

TileShape choose_tile(const Gemm& gemm, std::span<const TileShape> shapes, const HopperLimits& limits) {
  if (shapes.empty()) throw std::logic_error("a Hopper kernel without a tile");
  return *std::ranges::min_element(shapes, {},
                                   [&](const TileShape& shape) { return model_cycles(gemm, shape, limits); });
}

StreamShare stream_share(int64_t tiles, int64_t steps, const TileShape& tile, const HopperLimits& limits) {
  const int64_t all = limits.multiprocessors, left = tiles % all;
  const auto shared_tiles = static_cast<double>(tiles < all ? tiles : left + all);
  const auto length = static_cast<double>(steps);
  double least = whole_cycles(shared_tiles, length, tile, limits);
  StreamShare best{0, 0, static_cast<int>(std::min(tiles, all))};
  if (left == 0) return best;
  for (int parts = 1; parts <= kMostParts; ++parts) {
    const int64_t blocks = std::min<int64_t>(all, static_cast<int64_t>(shared_tiles) * parts);
    if (blocks == tiles) continue;  // nothing is cut
    const double cycles = shared_cycles(shared_tiles, static_cast<double>(blocks), length, tile, limits);
    if (cycles >= least) continue;
    least = cycles;
    best = {static_cast<int>(shared_tiles), static_cast<int>(blocks), static_cast<int>(blocks)};
  }
  return best;
}

int choose_group(const TileShape& tile, int64_t tile_rows, const HopperLimits& limits) {
  const double in_flight = limits.multiprocessors * limits.blocks_per_multiprocessor;
  const auto square =
      static_cast<int64_t>(std::lround(std::sqrt(in_flight / limits.cluster * tile.n / tile.m)));
  return static_cast<int>(std::clamp<int64_t>(square, 1, tile_rows));
}

}  // namespace breakeven::cuda
