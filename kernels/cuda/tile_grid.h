// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/backend.h"
#include "kernels/device/language.h"

namespace breakeven::cuda {

/// The tiles that cover C[batch, m, n], one per block, numbered along the rows of C first. A one-dimensional
/// grid: gridDim.y and .z end at 65535, so a grid shaped like C would refuse legal sizes.
struct TileGrid {
  int batch, rows, columns;  // tiles

  unsigned blocks() const {
    const int64_t count = int64_t{batch} * rows * columns;
    if (count > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 tiles, the most that one launch can have");
    return static_cast<unsigned>(count);
  }
};

inline TileGrid tile_grid(int64_t batch, int64_t m, int64_t n, int tile_m, int tile_n) {
  return {static_cast<int>(batch), static_cast<int>((m + tile_m - 1) / tile_m),
          static_cast<int>((n + tile_n - 1) / tile_n)};
}

/// Where a block's tile lies.
struct Tile {
  int64_t batch;
  int row, column;  // in tiles
};
__device__ inline Tile tile_at(const TileGrid& grid, unsigned block) {
  const unsigned row_of_all = block / grid.columns;
  return {row_of_all / grid.rows, static_cast<int>(row_of_all % grid.rows),
          static_cast<int>(block % grid.columns)};
}

}  // namespace breakeven::cuda
