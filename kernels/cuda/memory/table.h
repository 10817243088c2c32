// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/part.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

// Rows of a table, taken by number.

namespace breakeven::cuda {

inline constexpr int kTableThreads = 256, kTableAhead = 4;

/// Where lanes work: rows of `units` units each, cut into pieces of `lanes` x kTableAhead units; a group of
/// `lanes` (a power of two up to 32) takes a piece.
struct Pieces {
  int64_t count;
  int units, lanes, per_row;
};

inline Pieces pieces_of(int64_t rows, int64_t units) {
  int lanes = 1;
  while (lanes < 32 && lanes * kTableAhead < units) lanes *= 2;
  const int64_t per_row = (units + lanes * kTableAhead - 1) / (lanes * kTableAhead);
  return {rows * per_row, static_cast<int>(units), lanes, static_cast<int>(per_row)};
}

inline device::Shape shape_of(const Pieces& pieces) {
  const int64_t groups = kTableThreads / pieces.lanes;
  return {.grid = block_count((pieces.count + groups - 1) / groups), .block = kTableThreads};
}

/// The calling thread's part of its group's piece: of row `row` the units first, first + step ..., below end.
struct Piece {
  int64_t row;
  int first, step, end;
};
__device__ inline Piece piece_of(const Pieces& pieces) {
  const int64_t piece = int64_t{blockIdx.x} * (kTableThreads / pieces.lanes) + threadIdx.x / pieces.lanes;
  if (piece >= pieces.count) return {0, 0, 1, 0};
  const int begin = static_cast<int>(piece % pieces.per_row) * pieces.lanes * kTableAhead;
  return {piece / pieces.per_row, begin + static_cast<int>(threadIdx.x % pieces.lanes), pieces.lanes,
          min(begin + pieces.lanes * kTableAhead, pieces.units)};
}

}  // namespace breakeven::cuda
