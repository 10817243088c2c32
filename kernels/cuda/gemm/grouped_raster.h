// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/tile_grid.h"

namespace breakeven::cuda {

/// tile_at in another order, for the L2 cache: eight rows of tiles are walked column by column, then the next
/// eight. Blocks that run at the same time are near each other in number: so they share the operands of some
/// eight rows and a few columns, where in plain order they share one row and all the columns of B.
__device__ inline Tile grouped_tile_at(const TileGrid& grid, unsigned block) {
  constexpr int kGroup = 8;
  const int per_batch = grid.rows * grid.columns, per_group = kGroup * grid.columns;
  const int in_batch = static_cast<int>(block % per_batch), in_group = in_batch % per_group;
  const int first_row = in_batch / per_group * kGroup;
  const int rows = min(kGroup, grid.rows - first_row);  // of this group: the last may be smaller
  return {block / per_batch, first_row + in_group % rows, in_group / rows};
}

}  // namespace breakeven::cuda
