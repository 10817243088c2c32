// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// naive: one thread per element of C, three loops, nothing else.
//
// Tile: 32 x 8 elements of C per block of 256 threads; threadIdx.x, in which the 32 threads of a warp are
// neighbours, runs along the rows of C. That is the wrong order, and nothing in the code looks wrong.
// Traffic: every multiply-add (2 flops) asks for one element of A and one of B. A warp's 32 elements of A lie
// in 32 rows, k elements apart: 32 cache lines are fetched for one element of each, and its writes of C are
// as scattered. Trap: the answer is right. Only the time tells; coalesced.cu is this file with x and y
// exchanged.

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kRows = 32, kColumns = 8;  // of C per block

template <Precision P>
__global__ void __launch_bounds__(kRows* kColumns)
    naive(const typename Arithmetic<P>::In* __restrict__ a, const typename Arithmetic<P>::In* __restrict__ b,
          const typename Arithmetic<P>::Bias* __restrict__ bias, typename Arithmetic<P>::Out* __restrict__ c,
          int m, int n, int k, TileGrid grid) {
  const Tile tile = tile_at(grid, blockIdx.x);
  const int row = tile.row * kRows + threadIdx.x, column = tile.column * kColumns + threadIdx.y;
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
  device::launch("gemm naive", naive<P>, {.grid = grid.blocks(), .block = dim3(kRows, kColumns)}, stream,
                 static_cast<const typename A::In*>(g.a), static_cast<const typename A::In*>(g.b),
                 static_cast<const typename A::Bias*>(g.bias), static_cast<typename A::Out*>(g.c),
                 static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), grid);
}

void launch_naive(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision<Precision::fp64, Precision::int8>(precision, [&]<Precision P>() { launch<P>(g, stream); });
}

}  // namespace

Kernel gemm_naive(const ContextPtr& context) {
  return own_gemm(context, {.name = "naive",
                            .summary = "own: one thread per element of C, three loops",
                            .why_not = why_not_on_cuda_cores,
                            .launch = launch_naive,
                            .typical_rate = 1e11});
}

}  // namespace breakeven::cuda
