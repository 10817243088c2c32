// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// vectorised: 16 bytes at a time everywhere, and the next tiles are on their way while these are computed.
//
// Before: register_tiled moved single words, waited for the memory in every step and twice at barriers.
// Tile: 128 x 128 elements of C per block of 256 threads, 64 per thread; k in steps of 8. A thread's 64
// elements are 2 x 2 squares of 4 x 4, 64 apart, so that its reads of the shared tiles are 16-byte vectors.
// Traffic: that of register_tiled in a quarter of the instructions. The next step's elements are fetched into
// registers before this step is computed and stored to the other of two pairs of tiles after it, which leaves
// one barrier per step.
// Banks: the A tile is stored transposed, so that a thread's 4 rows are neighbours; its rows are padded by 4
// words, which puts the two k-quads that a warp stores at once 16 banks apart. B goes in and out as 16-byte
// vectors: 8 neighbouring threads cover the 32 banks.
// Trap: 16-byte loads need aligned rows (n and k multiples of 4); other sizes take scalar loads, by a
// template parameter, because a test inside the loop would cost everybody.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/quad.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kTile = 128, kStep = 8, kThreads = 256;
constexpr int kPad = 4;
constexpr int kHalf = kTile / 2;  // distance between a thread's two quads

struct alignas(16) SharedTiles {
  float a[kStep][kTile + kPad];  // [k][row]
  float b[kStep][kTile];         // [k][column]
};

/// One thread's share of a step: 4 elements along k of a row of A, 4 elements of a row of B.
struct Fetched {
  Quad a, b;
};

/// Where a thread fetches from. Sizes are below 2^31, so only pointers need 64 bits; in registers that is the
/// difference between fitting and spilling.
template <class In>
struct Source {
  const In *a, *b;
  int a_k, b_k;      // k of the thread's elements, relative to the step
  int k_of_row;      // k, or 0 when the thread's row of A lies below the matrix
  int columns_left;  // of the thread's B columns on
};

template <class In>
__device__ Source<In> source(const In* a, const In* b, const Tile& tile, int m, int n, int k) {
  const int t = threadIdx.x;
  const int a_row = tile.row * kTile + t / 2, b_column = tile.column * kTile + t % 32 * 4;
  Source<In> from;
  from.a_k = t % 2 * 4;
  from.b_k = t / 32;
  from.a = a + (tile.batch * m + a_row) * k + from.a_k;
  from.b = b + (tile.batch * k + from.b_k) * n + b_column;
  from.k_of_row = a_row < m ? k : 0;
  from.columns_left = n - b_column;
  return from;
}

template <class In, Access access>
__device__ Fetched fetch(Source<In>& from, int start, int n, int k) {
  Fetched fetched;
  fetched.a = load_quad<access>(from.a, from.k_of_row - start - from.a_k);
  fetched.b = load_quad<access>(from.b, start + from.b_k < k ? from.columns_left : 0);
  from.a += kStep;
  from.b += static_cast<int64_t>(kStep) * n;
  return fetched;
}

__device__ inline void store(SharedTiles& tiles, const Fetched& fetched) {
  const int t = threadIdx.x;
#pragma unroll
  for (int i = 0; i < 4; ++i) tiles.a[t % 2 * 4 + i][t / 2] = fetched.a.value[i];
  shared_quad(&tiles.b[t / 32][t % 32 * 4]) = fetched.b;
}

/// sum[8][8] += A tile x B tile, this thread's part.
__device__ inline void multiply(const SharedTiles& tiles, int row, int column, float (&sum)[8][8]) {
#pragma unroll 2  // whole, the compiler reads ahead so far that 128 registers do not hold it
  for (int step = 0; step < kStep; ++step) {
    const Quad a[2] = {shared_quad(&tiles.a[step][row]), shared_quad(&tiles.a[step][row + kHalf])};
    const Quad b[2] = {shared_quad(&tiles.b[step][column]), shared_quad(&tiles.b[step][column + kHalf])};
#pragma unroll
    for (int i = 0; i < 8; ++i) {
#pragma unroll
      for (int j = 0; j < 8; ++j) sum[i][j] += a[i / 4].value[i % 4] * b[j / 4].value[j % 4];
    }
  }
}

/// The thread's two quads of one row of C.
template <class A, Access access>
__device__ inline void finish_row(typename A::Out* to, const float (&sum)[8], const float* bias, int column,
                                  int n) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int first = column + half * kHalf;
    store_quad<A, access>(to + first, &sum[half * 4], bias ? bias + first : nullptr, n - first);
  }
}

template <Precision P, Access access>
__global__ void __launch_bounds__(kThreads, 2)
    vectorised(const typename Arithmetic<P>::In* __restrict__ a,
               const typename Arithmetic<P>::In* __restrict__ b, const float* __restrict__ bias,
               typename Arithmetic<P>::Out* __restrict__ c, int m, int n, int k, TileGrid grid) {
  using In = typename Arithmetic<P>::In;
  auto& tiles = device::static_shared<SharedTiles[2]>();
  const int row = threadIdx.x / 16 * 4,
            column = threadIdx.x % 16 * 4;  // of the thread's first quad, in the tile
  const Tile tile = tile_at(grid, blockIdx.x);
  Source<In> from = source(a, b, tile, m, n, k);
  float sum[8][8] = {};
  store(tiles[0], fetch<In, access>(from, 0, n, k));
  int current = 0;
  for (int start = 0; start < k; start += kStep) {
    __syncthreads();  // the current tiles are whole, and nobody reads the others any more
    Fetched next;
    const bool more = start + kStep < k;
    if (more) next = fetch<In, access>(from, start + kStep, n, k);
    multiply(tiles[current], row, column, sum);
    current ^= 1;
    if (more) store(tiles[current], next);
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const int c_row = tile.row * kTile + row + i / 4 * kHalf + i % 4;
    if (c_row >= m) continue;
    finish_row<Arithmetic<P>, access>(c + (tile.batch * m + c_row) * n, sum[i], bias,
                                      tile.column * kTile + column, n);
  }
}

template <Precision P>
void launch(const GemmArguments& g, cudaStream_t stream) {
  using A = Arithmetic<P>;
  const TileGrid grid = tile_grid(g.batch, g.m, g.n, kTile, kTile);
  const auto start = [&](auto* kernel) {
    device::launch("gemm vectorised", kernel, {.grid = grid.blocks(), .block = kThreads}, stream,
                   static_cast<const typename A::In*>(g.a), static_cast<const typename A::In*>(g.b),
                   static_cast<const float*>(g.bias), static_cast<typename A::Out*>(g.c),
                   static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), grid);
  };
  const bool aligned = g.n % 4 == 0 && g.k % 4 == 0;
  aligned ? start(vectorised<P, Access::vector>) : start(vectorised<P, Access::scalar>);
}

void launch_vectorised(Precision precision, const GemmArguments& g, cudaStream_t stream) {
  with_precision(precision, [&]<Precision P>() { launch<P>(g, stream); });
}

}  // namespace

Kernel gemm_vectorised(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "vectorised",
                   .summary = "own: 8 x 8 of C per thread, 16-byte accesses, the next tiles fetched ahead",
                   .why_not = why_not_float_on_cuda_cores,
                   .launch = launch_vectorised,
                   .typical_rate = 0});
}

}  // namespace breakeven::cuda
