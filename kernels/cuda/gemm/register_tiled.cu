// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// register_tiled: every thread keeps an 8 x 8 tile of C in registers.
//
// Before: tiled read shared memory twice for every multiply-add, and shared memory could not keep up.
// Tile: 128 x 128 elements of C per block of 256 threads, 64 per thread; k in steps of 8.
// Traffic: an element fetched from device memory serves 128 multiply-adds (1/32 byte per flop in fp32), one
// read from shared memory serves 8: 16 words for 64 multiply-adds, where tiled needs 128. That is what the
// registers are for.
// Banks: a thread's rows and columns are 16 apart, not neighbours: so the 16 threads in a row read 16
// neighbouring words of B, and the two rows of threads in a warp read A 8 words apart, two banks.
// Trap: indices into `sum` must be known to the compiler (loops unrolled), or the array lies in local memory,
// which is device memory.

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kTile = 128, kStep = 8, kThreads = 256;
constexpr int kAcross = 16;             // threads along a row of the tile, and along a column
constexpr int kEach = kTile / kAcross;  // rows and columns of C per thread

struct SharedTiles {
  float a[kTile][kStep];  // [row][k]
  float b[kStep][kTile];  // [k][column]
};

/// One step's tiles; zeros beyond the edges.
template <class In>
__device__ inline void load(SharedTiles& tiles, const In* a, const In* b, int rows_left, int columns_left,
                            int k_left, int n, int k) {
  const int t = threadIdx.x;
#pragma unroll
  for (int i = 0; i < kTile; i += kThreads / kStep) {
    const int row = i + t / kStep, at = t % kStep;
    tiles.a[row][at] = row < rows_left && at < k_left ? widen(a[int64_t{row} * k + at]) : 0.0f;
  }
#pragma unroll
  for (int i = 0; i < kStep; i += kThreads / kTile) {
    const int at = i + t / kTile, column = t % kTile;
    tiles.b[at][column] = column < columns_left && at < k_left ? widen(b[int64_t{at} * n + column]) : 0.0f;
  }
}

/// sum[8][8] += A tile x B tile, this thread's part.
__device__ inline void multiply(const SharedTiles& tiles, int row, int column, float (&sum)[kEach][kEach]) {
#pragma unroll 2  // whole, the compiler reads ahead so far that 128 registers do not hold it
  for (int step = 0; step < kStep; ++step) {
    float a[kEach], b[kEach];
#pragma unroll
    for (int i = 0; i < kEach; ++i) a[i] = tiles.a[row + i * kAcross][step];
#pragma unroll
    for (int j = 0; j < kEach; ++j) b[j] = tiles.b[step][column + j * kAcross];
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
#pragma unroll
      for (int j = 0; j < kEach; ++j) sum[i][j] += a[i] * b[j];
    }
  }
}

template <Precision P>
__global__ void __launch_bounds__(kThreads, 2)
    register_tiled(const typename Arithmetic<P>::In* __restrict__ a,
                   const typename Arithmetic<P>::In* __restrict__ b, const float* __restrict__ bias,
                   typename Arithmetic<P>::Out* __restrict__ c, int m, int n, int k, TileGrid grid) {
  auto& tiles = device::static_shared<SharedTiles>();
  const int row = threadIdx.x / kAcross, column = threadIdx.x % kAcross;  // the thread's first, in the tile
  const Tile tile = tile_at(grid, blockIdx.x);
  const int first_row = tile.row * kTile, first_column = tile.column * kTile;
  const auto* a_tile = a + (tile.batch * m + first_row) * k;
  const auto* b_tile = b + tile.batch * k * n + first_column;
  float sum[kEach][kEach] = {};
  for (int start = 0; start < k; start += kStep) {
    load(tiles, a_tile + start, b_tile + int64_t{start} * n, m - first_row, n - first_column, k - start, n,
         k);
    __syncthreads();  // the tiles are whole
    multiply(tiles, row, column, sum);
    __syncthreads();  // nobody reads them any more
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const int c_row = first_row + row + i * kAcross;
    if (c_row >= m) continue;
    auto* to = c + (tile.batch * m + c_row) * n;
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int c_column = first_column + column + j * kAcross;
      if (c_column < n) to[c_column] = finish<Arithmetic<P>>(sum[i][j], bias, c_column);
    }
  }
}

template <Precision P>
void launch(const GemmArguments& g, cudaStream_t stream) {
  using A = Arithmetic<P>;
  const TileGrid grid = tile_grid(g.batch, g.m, g.n, kTile, kTile);
  device::launch("gemm register_tiled", register_tiled<P>, {.grid = grid.blocks(), .block = kThreads}, stream,
                 static_cast<const typename A::In*>(g.a), static_cast<const typename A::In*>(g.b),
                 static_cast<const float*>(g.bias), static_cast<typename A::Out*>(g.c), static_cast<int>(g.m),
                 static_cast<int>(g.n), static_cast<int>(g.k), grid);
}

void launch_register_tiled(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision(precision, [&]<Precision P>() { launch<P>(g, stream); });
}

}  // namespace

Kernel gemm_register_tiled(const ContextPtr& context) {
  return own_gemm(context, {.name = "register_tiled",
                            .summary = "own: 128 x 128 tiles, 8 x 8 of C in each thread's registers",
                            .why_not = why_not_float_on_cuda_cores,
                            .launch = launch_register_tiled});
}

}  // namespace breakeven::cuda
