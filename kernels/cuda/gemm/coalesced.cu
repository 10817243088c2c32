// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// coalesced: one thread per element of C; a warp is one row of 32 columns.
//
// Before: naive's warps were columns of C, and each of their accesses touched 32 rows, 32 cache lines.
// Tile: 8 x 32 elements of C per block of 256 threads; a warp's reads of B and its writes of C are neighbours
// (coalesced: 128 bytes, one line), and its reads of A are one address, broadcast.
// Traffic: every multiply-add (2 flops) asks for one element of A and one of B: 4 bytes per flop in fp32.
// Only the caches keep this from being 1/100 of what the arithmetic units can do.
// Trap: gridDim.y and .z end at 65535, so the tiles are numbered in one dimension (tile_grid.h).

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kRows = 8, kColumns = 32;  // of C per block

template <Precision P>
__global__ void __launch_bounds__(kRows* kColumns)
    coalesced(const typename Arithmetic<P>::In* __restrict__ a,
              const typename Arithmetic<P>::In* __restrict__ b,
              const typename Arithmetic<P>::Bias* __restrict__ bias,
              typename Arithmetic<P>::Out* __restrict__ c, int m, int n, int k, TileGrid grid) {
  const Tile tile = tile_at(grid, blockIdx.x);
  const int row = tile.row * kRows + threadIdx.y, column = tile.column * kColumns + threadIdx.x;
  if (row >= m || column >= n) return;
  const auto* a_row = a + (tile.batch * m + row) * k;
  const auto* b_column = b + tile.batch * k * n + column;
  typename Arithmetic<P>::Sum sum = 0;
  for (int i = 0; i < k; ++i) sum += widen(a_row[i]) * widen(b_column[int64_t{i} * n]);
  c[(tile.batch * m + row) * n + column] = finish<Arithmetic<P>>(sum, bias, column);
}

template <Precision P>
void launch(const GemmArguments& g, cudaStream_t stream) {
  using A = Arithmetic<P>;
  const TileGrid grid = tile_grid(g.batch, g.m, g.n, kRows, kColumns);
  device::launch("gemm coalesced", coalesced<P>, {.grid = grid.blocks(), .block = dim3(kColumns, kRows)},
                 stream, static_cast<const typename A::In*>(g.a), static_cast<const typename A::In*>(g.b),
                 static_cast<const typename A::Bias*>(g.bias), static_cast<typename A::Out*>(g.c),
                 static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), grid);
}

void launch_coalesced(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision<Precision::fp64, Precision::int8>(precision, [&]<Precision P>() { launch<P>(g, stream); });
}

}  // namespace

Kernel gemm_coalesced(const ContextPtr& context) {
  return own_gemm(context, {.name = "coalesced",
                            .summary = "own: one thread per element of C, warps along its rows",
                            .why_not = why_not_on_cuda_cores,
                            .launch = launch_coalesced,
                            .typical_rate = 5e11});
}

}  // namespace breakeven::cuda
