// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/gemm.h"

namespace breakeven::cuda {

/// Elements of C that one block computes at a time.
struct TileShape {
  int m = 0, n = 0;
  bool operator==(const TileShape&) const = default;
};

/// Blocks take tiles whole, or share out their steps (stream_k).
enum class Division : uint8_t { whole, streamed };

/// What the model knows of a rung.
struct HopperLimits {
  int multiprocessors = 1;
  int blocks_per_multiprocessor = 1;
  int cluster = 1;  // blocks along m that share their tiles of B
  Division division = Division::whole;
};

/// Cycles that C takes in tiles of this shape: waves x (steps x the slowest of tensor cores, shared memory
/// and L2, plus what a tile costs besides). Published rates of the H100, see the .cpp; only ratios matter.
double model_cycles(const Gemm&, const TileShape&, const HopperLimits&);

/// The shape with the fewest cycles; the first of equals.
TileShape choose_tile(const Gemm&, std::span<const TileShape>, const HopperLimits&);

/// Rows of tiles to walk together, so that the tiles in flight cover a square of C: what they read of A and B
/// together is least then, and all of it comes from L2.
int choose_group(const TileShape&, int64_t tile_rows, const HopperLimits&);

/// stream_k's division of `tiles` of `steps` each: the first `tiles` are shared out among `blocks` blocks,
/// the rest taken whole by all `grid` blocks, the same number by each. Nothing is shared out where a last
/// wave of whole tiles costs no more than passing partial sums.
struct StreamShare {
  int tiles, blocks, grid;
};
StreamShare stream_share(int64_t tiles, int64_t steps, const TileShape&, const HopperLimits&);

}  // namespace breakeven::cuda
