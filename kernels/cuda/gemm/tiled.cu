// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// tiled: blocks of A and B are read once into shared memory and used 32 times from there.
//
// Before: coalesced left every multiply-add waiting for two loads, and only the caches to serve them twice.
// Tile: 32 x 32 elements of C per block of 1024 threads, one element per thread; k in steps of 32.
// Traffic: an element fetched from device memory serves 32 multiply-adds: 1/8 byte per flop in fp32, 1/32 of
// coalesced's. The bottleneck moves to shared memory: still two shared reads per multiply-add.
// Banks: a warp shares one row of C, so it reads one word of the A tile (broadcast) and 32 neighbouring words
// of the B tile (32 different banks): no conflicts, no padding needed.
// Trap: both barriers are needed. Without the second, a fast warp overwrites the tile that a slow one still
// reads; small sizes hide it. And no thread may leave early at a ragged edge: it would never reach the
// barrier.

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kTile = 32;

template <class Sum>
struct SharedTiles {
  Sum a[kTile][kTile];  // [row][k], widened once on the way in
  Sum b[kTile][kTile];  // [k][column]
};

template <Precision P>
__global__ void __launch_bounds__(kTile* kTile)
    tiled(const typename Arithmetic<P>::In* __restrict__ a, const typename Arithmetic<P>::In* __restrict__ b,
          const typename Arithmetic<P>::Bias* __restrict__ bias, typename Arithmetic<P>::Out* __restrict__ c,
          int m, int n, int k, TileGrid grid) {
  using Sum = typename Arithmetic<P>::Sum;
  auto& tiles = device::static_shared<SharedTiles<Sum>>();
  const int x = threadIdx.x, y = threadIdx.y;
  const Tile tile = tile_at(grid, blockIdx.x);
  const int row = tile.row * kTile + y, column = tile.column * kTile + x;
  const auto* a_row = a + (tile.batch * m + row) * k;
  const auto* b_column = b + tile.batch * k * n + column;
  Sum sum = 0;
  for (int start = 0; start < k; start += kTile) {
    // Beyond the edge the tiles hold zeros, which add nothing.
    tiles.a[y][x] = row < m && start + x < k ? widen(a_row[start + x]) : Sum(0);
    tiles.b[y][x] = column < n && start + y < k ? widen(b_column[int64_t{start + y} * n]) : Sum(0);
    __syncthreads();  // the tiles are whole
#pragma unroll
    for (int i = 0; i < kTile; ++i) sum += tiles.a[y][i] * tiles.b[i][x];
    __syncthreads();  // nobody reads them any more
  }
  if (row < m && column < n)
    c[(tile.batch * m + row) * n + column] = finish<Arithmetic<P>>(sum, bias, column);
}

template <Precision P>
void launch(const GemmArguments& g, cudaStream_t stream) {
  using A = Arithmetic<P>;
  const TileGrid grid = tile_grid(g.batch, g.m, g.n, kTile, kTile);
  device::launch("gemm tiled", tiled<P>, {.grid = grid.blocks(), .block = dim3(kTile, kTile)}, stream,
                 static_cast<const typename A::In*>(g.a), static_cast<const typename A::In*>(g.b),
                 static_cast<const typename A::Bias*>(g.bias), static_cast<typename A::Out*>(g.c),
                 static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), grid);
}

void launch_tiled(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision(precision, [&]<Precision P>() { launch<P>(g, stream); });
}

}  // namespace

Kernel gemm_tiled(const ContextPtr& context) {
  return own_gemm(context, {.name = "tiled",
                            .summary = "own: 32 x 32 tiles in shared memory",
                            .why_not = why_not_float_on_cuda_cores,
                            .launch = launch_tiled,
                            .typical_rate = 1e12});
}

}  // namespace breakeven::cuda
