// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// warp_tiled: a square of C per warp, 16 x 8 of it per thread, and copies that do not pass through registers.
//
// Before: vectorised's threads read 16 words of shared memory for 64 multiply-adds, waited for them in each
// step of k, and held the next tiles in registers that the sums could have used.
// Tile: 128 x 128 elements of C per block of 4 warps, 64 x 64 per warp, 16 x 8 per thread; k in steps of 8.
// Two blocks per multiprocessor, so that one computes while the other waits at its barrier or writes C.
// Traffic: 24 words of shared memory for 128 multiply-adds. Four stages of tiles: three are on their way
// (cp.async) while one is used; and the words for one step of k are read while the step before is multiplied.
// Banks: A is transposed on its way: a warp copies 4 rows x 8 k, and the padding of 4 words sends them to 32
// banks. Lanes share rows and columns in pairs (i with i^1, i with i^2), so that a half-warp's 16-byte reads
// are one access.
// Traps: the copies of step k + 3 overwrite the tiles of step k - 1: only after the barrier that follows the
// last read of them. And cp.async cannot widen, hence fp32 only.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/quad.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/cp_async.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

using Types = Arithmetic<Precision::fp32>;

constexpr int kTile = 128, kWarpTile = 64, kStep = 8, kStages = 4, kThreads = 128;
constexpr int kPad = 4;
constexpr int kRowQuads = 4, kColumnQuads = 2;      // of a thread: 16 x 8 elements of C
constexpr int kRowsApart = 16, kColumnsApart = 32;  // from one quad to the next

struct alignas(16) SharedTiles {
  float a[kStep][kTile + kPad];  // [k][row]
  float b[kStep][kTile];         // [k][column]
};

/// What one step of k needs.
struct Fragment {
  Quad a[kRowQuads], b[kColumnQuads];
};
using Sums = float[kRowQuads * 4][kColumnQuads * 4];

/// Where a thread copies from: a column of A, every 16th row; a quad of B, every 4th row.
struct Source {
  const float *a, *b;
  int rows_left, columns_left;  // from the thread's first on
};

__device__ inline Source source(const float* a, const float* b, const Tile& tile, int m, int n, int k) {
  const int t = threadIdx.x, row = tile.row * kTile + t / kStep, column = tile.column * kTile + t % 32 * 4;
  return {.a = a + (tile.batch * m + row) * k + t % kStep,
          .b = b + (tile.batch * k + t / 32) * n + column,
          .rows_left = m - row,
          .columns_left = n - column};
}

template <Access access>
__device__ inline void copy_quad(float* to, const float* from, int available) {
  if constexpr (access == Access::vector) {
    device::cp_async_16(to, from, available > 0 ? 16 : 0);
  } else {
#pragma unroll
    for (int i = 0; i < 4; ++i) device::cp_async_4(to + i, from + i, i < available ? 4 : 0);
  }
}

/// Starts the copies of the tiles at `start` of k; zeros beyond the edges. Always one group, if an empty one.
template <Access access>
__device__ inline void copy(SharedTiles& to, const Source& from, int start, int n, int k) {
  const int t = threadIdx.x;
  const int rows_left = start + t % kStep < k ? from.rows_left : 0;
#pragma unroll
  for (int row = 0; row < kTile; row += kThreads / kStep) {
    device::cp_async_4(&to.a[t % kStep][t / kStep + row], from.a + start + int64_t{row} * k,
                       row < rows_left ? 4 : 0);
  }
#pragma unroll
  for (int row = 0; row < kStep; row += kThreads / 32) {
    copy_quad<access>(&to.b[t / 32 + row][t % 32 * 4], from.b + int64_t{start + row} * n,
                      start + row + t / 32 < k ? from.columns_left : 0);
  }
  device::cp_async_commit();
}

/// The thread's first row and column in the tile.
struct Place {
  int row, column;
};
__device__ inline Place place() {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  return {.row = warp / 2 * kWarpTile + (lane / 16 * 2 + lane % 2) * 4,
          .column = warp % 2 * kWarpTile + lane / 2 % 8 * 4};
}

__device__ inline void read(Fragment& to, const SharedTiles& tiles, int step, const Place& at) {
#pragma unroll
  for (int i = 0; i < kRowQuads; ++i) to.a[i] = shared_quad(&tiles.a[step][at.row + i * kRowsApart]);
#pragma unroll
  for (int j = 0; j < kColumnQuads; ++j) to.b[j] = shared_quad(&tiles.b[step][at.column + j * kColumnsApart]);
}

__device__ inline void multiply(Sums& sum, const Fragment& fragment) {
#pragma unroll
  for (int i = 0; i < kRowQuads * 4; ++i) {
#pragma unroll
    for (int j = 0; j < kColumnQuads * 4; ++j)
      sum[i][j] += fragment.a[i / 4].value[i % 4] * fragment.b[j / 4].value[j % 4];
  }
}

template <Access access>
__device__ inline void store(float* c, const Sums& sum, const float* bias, const Tile& tile, const Place& at,
                             int m, int n) {
#pragma unroll
  for (int i = 0; i < kRowQuads * 4; ++i) {
    const int row = tile.row * kTile + at.row + i / 4 * kRowsApart + i % 4;
    if (row >= m) continue;
#pragma unroll
    for (int j = 0; j < kColumnQuads; ++j) {
      const int column = tile.column * kTile + at.column + j * kColumnsApart;
      store_quad<Types, access>(c + (tile.batch * m + row) * n + column, &sum[i][j * 4],
                                bias ? bias + column : nullptr, n - column);
    }
  }
}

template <Access access>
__global__ void __launch_bounds__(kThreads, 2)
    warp_tiled(const float* __restrict__ a, const float* __restrict__ b, const float* __restrict__ bias,
               float* __restrict__ c, int m, int n, int k, TileGrid grid) {
  auto& tiles = device::static_shared<SharedTiles[kStages]>();
  const Tile tile = tile_at(grid, blockIdx.x);
  const Source from = source(a, b, tile, m, n, k);
  const Place at = place();
  for (int stage = 0; stage < kStages - 1; ++stage) copy<access>(tiles[stage], from, stage * kStep, n, k);
  device::cp_async_wait<kStages - 2>();
  __syncthreads();  // the first tiles are whole
  Sums sum = {};
  Fragment fragment[2];
  read(fragment[0], tiles[0], 0, at);
  int current = 0;
  for (int start = 0; start < k; start += kStep) {
#pragma unroll
    for (int step = 0; step < kStep; ++step) {
      if (step == kStep - 1) {
        current = (current + 1) % kStages;
        device::cp_async_wait<kStages - 2>();
        __syncthreads();  // the next tiles are whole, and nobody reads these any more
      }
      read(fragment[(step + 1) % 2], tiles[current], (step + 1) % kStep, at);
      if (step == 0) {
        copy<access>(tiles[(current + kStages - 1) % kStages], from, start + (kStages - 1) * kStep, n, k);
      }
      multiply(sum, fragment[step % 2]);
    }
  }
  device::cp_async_wait<0>();  // the last copies, zeros that nobody needs, must not outlive the block
  store<access>(c, sum, bias, tile, at, m, n);
}

void launch_warp_tiled(Precision, const GemmArguments& g, cudaStream_t stream) {
  const TileGrid grid = tile_grid(g.batch, g.m, g.n, kTile, kTile);
  const auto start = [&](auto* kernel) {
    device::launch("gemm warp_tiled", kernel, {.grid = grid.blocks(), .block = kThreads}, stream,
                   static_cast<const float*>(g.a), static_cast<const float*>(g.b),
                   static_cast<const float*>(g.bias), static_cast<float*>(g.c), static_cast<int>(g.m),
                   static_cast<int>(g.n), static_cast<int>(g.k), grid);
  };
  g.n % 4 == 0 ? start(warp_tiled<Access::vector>) : start(warp_tiled<Access::scalar>);
}

Reason why_not(const Gemm& gemm) {
  if (gemm.precision == Precision::fp32) return std::nullopt;
  return "only fp32 is written for this kernel; vectorised has the 16-bit precisions";
}

}  // namespace

Kernel gemm_warp_tiled(const ContextPtr& context) {
  return own_gemm(context, {.name = "warp_tiled",
                            .summary = "own: 64 x 64 of C per warp, 16 x 8 per thread, four stages of copies",
                            .why_not = why_not,
                            .launch = launch_warp_tiled});
}

}  // namespace breakeven::cuda
