// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Transposition of 1-byte matrices (fp8, int8), through 64 x 64 tiles in shared memory so that both sides are
// coalesced. The tile's rows are padded by one 4-byte word: without it, a warp that reads a column would find
// all its bytes in the same few banks.

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/cuda/transpose.h"

namespace breakeven::cuda {
namespace {

constexpr int kTile = 64, kThreadRows = 4;

__global__ void __launch_bounds__(kTile* kThreadRows)
    transpose(uint8_t* __restrict__ to, const uint8_t* __restrict__ from, int rows, int columns,
              TileGrid grid) {
  __shared__ uint8_t kept[kTile][kTile + 4];
  const Tile tile = tile_at(grid, blockIdx.x);
  const int64_t matrix = tile.batch * rows * columns;
  const int first_row = tile.row * kTile, first_column = tile.column * kTile, x = threadIdx.x;
  for (int y = threadIdx.y; y < kTile; y += kThreadRows) {
    const int row = first_row + y, column = first_column + x;
    if (row < rows && column < columns) kept[y][x] = from[matrix + int64_t{row} * columns + column];
  }
  __syncthreads();
  for (int y = threadIdx.y; y < kTile; y += kThreadRows) {
    const int row = first_row + x, column = first_column + y;
    if (row < rows && column < columns) to[matrix + int64_t{column} * rows + row] = kept[x][y];
  }
}

}  // namespace

void transpose_bytes(void* to, const void* from, int64_t batch, int64_t rows, int64_t columns,
                     cudaStream_t stream) {
  const TileGrid grid = tile_grid(batch, rows, columns, kTile, kTile);
  transpose<<<grid.blocks(), dim3(kTile, kThreadRows), 0, stream>>>(
      static_cast<uint8_t*>(to), static_cast<const uint8_t*>(from), static_cast<int>(rows),
      static_cast<int>(columns), grid);
  check_launch("transpose");
}

}  // namespace breakeven::cuda
