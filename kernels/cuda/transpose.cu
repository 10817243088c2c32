// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Transposition of matrices of 1-byte (fp8, int8) and 4-byte elements (tf32), through 64 x 64 tiles in shared
// memory so that both sides are coalesced. The tile's rows are padded by one 4-byte word: without it, a warp
// that reads a column would find all its elements in the same few banks.

#include <stdexcept>

#include "kernels/cuda/tile_grid.h"
#include "kernels/cuda/transpose.h"
#include "kernels/device/language.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kTile = 64, kThreadRows = 4;

template <class Word>
__global__ void __launch_bounds__(kTile* kThreadRows)
    turn(Word* __restrict__ to, const Word* __restrict__ from, int rows, int columns, TileGrid grid) {
  auto& kept = device::static_shared<Word[kTile][kTile + 4 / sizeof(Word)]>();
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

template <class Word>
void launch(void* to, const void* from, int64_t batch, int64_t rows, int64_t columns, cudaStream_t stream) {
  const TileGrid grid = tile_grid(batch, rows, columns, kTile, kTile);
  const device::Shape shape = {.grid = dim3(grid.blocks()), .block = dim3(kTile, kThreadRows)};
  device::launch("transpose", turn<Word>, shape, stream, static_cast<Word*>(to),
                 static_cast<const Word*>(from), static_cast<int>(rows), static_cast<int>(columns), grid);
}

}  // namespace

void transpose(void* to, const void* from, int64_t element_bytes, int64_t batch, int64_t rows,
               int64_t columns, cudaStream_t stream) {
  if (element_bytes != 1 && element_bytes != 4)
    throw std::logic_error("only elements of 1 or 4 bytes can be transposed");
  (element_bytes == 1 ? launch<uint8_t> : launch<uint32_t>)(to, from, batch, rows, columns, stream);
}

}  // namespace breakeven::cuda
