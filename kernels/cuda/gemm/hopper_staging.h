// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "kernels/cuda/gemm/hopper_epilogue.h"
#include "kernels/device/barrier.h"
#include "kernels/device/mma.h"

// From accumulators to C by way of shared memory: fragments become rows of 128 bytes there (stmatrix,
// swizzled as TMA expects), and TMA writes whole rows, clipped to C, while the next slab or the next tile is
// computed.

namespace breakeven::cuda {

/// Of one consumer: two slabs of 64 rows of 128 bytes, one being written while the other is on its way.
struct alignas(kAtomBytes) Staging {
  std::byte slab[2][kSlabBytes];
};

/// A rendezvous of one consumer's 128 threads. The barrier's id must be known at compile time.
__device__ inline void consumer_sync(int consumer) {
  consumer == 0 ? device::barrier_sync<1>(kWarpgroup) : device::barrier_sync<2>(kWarpgroup);
}

/// Where 16-byte chunk `chunk` (0..7) of `row` lies in a swizzled slab.
__device__ inline std::byte* chunk_of(std::byte* slab, int row, int chunk) {
  return slab + row * 128 + (chunk ^ row % 8) * 16;
}

/// 16-bit results: the slab's 64 columns, 16 at a time, by stmatrix. `sum`: of its first column on.
template <class Types>
__device__ void write_narrow_slab(std::byte* slab, const float* sum, const float* bias, int column, int n) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x % kWarpgroup / 32;
  const int row = warp * 16 + lane % 16;  // of the 8 x 8 matrix whose row this lane addresses
#pragma unroll
  for (int part = 0; part < 4; ++part) {
    uint32_t packed[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {  // rows 0-7 and 8-15 of columns 0-7, then of columns 8-15
      const int here = column + part * 16 + i / 2 * 8 + lane % 4 * 2;
      const Pair<Types> pair =
          finish_pair<Types>(sum[part * 8 + i * 2], sum[part * 8 + i * 2 + 1], bias, here, n);
      memcpy(&packed[i], &pair, sizeof pair);
    }
    device::stmatrix_x4(chunk_of(slab, row, part * 2 + lane / 16), packed);
  }
}

/// 32-bit results: the slab's 32 columns, 8 at a time, as pairs. (stmatrix moves 16-bit pairs only.)
template <class Types>
__device__ void write_wide_slab(std::byte* slab, const typename Types::Sum* sum, const float* bias,
                                int column, int n) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x % kWarpgroup / 32;
#pragma unroll
  for (int i = 0; i < 8; ++i) {  // 8 columns each, rows 0-7 then 8-15
    const int row = warp * 16 + lane / 4 + i % 2 * 8, part = i / 2;
    const Pair<Types> pair = finish_pair<Types>(sum[part * 4 + i % 2 * 2], sum[part * 4 + i % 2 * 2 + 1],
                                                bias, column + part * 8 + lane % 4 * 2, n);
    std::byte* to = chunk_of(slab, row, part * 2 + lane % 4 / 2) + lane % 2 * 8;
    *reinterpret_cast<Pair<Types>*>(to) = pair;
  }
}

/// One consumer's 64 rows from `row` on. `turn` counts the slabs it has ever sent: their buffers alternate,
/// and the one before the last must have been read before it is written again.
template <class T>
__device__ void store_block_staged(const typename T::Types::Sum (&sum)[T::kN / 2], Staging& staging,
                                   int& turn, const HopperArguments& g, const TilePlace& tile, int row,
                                   int consumer) {
  constexpr int kColumns = 128 / sizeof(typename T::Types::Out);
  const bool leader = threadIdx.x % kWarpgroup == 0;
#pragma unroll
  for (int part = 0; part < T::kN / kColumns; ++part) {
    const int column = tile.n + part * kColumns;
    if (column >= g.n || row >= g.m) break;
    std::byte* slab = staging.slab[turn++ % 2];
    if (leader) device::tma_store_wait_read<1>();
    consumer_sync(consumer);
    if constexpr (sizeof(typename T::Types::Out) == 2) {
      write_narrow_slab<typename T::Types>(slab, sum + part * kColumns / 2, g.bias, column, g.n);
    } else {
      write_wide_slab<typename T::Types>(slab, sum + part * kColumns / 2, g.bias, column, g.n);
    }
    device::fence_proxy_async();
    consumer_sync(consumer);
    if (leader) {
      device::tma_store(&g.c, slab, column, row, tile.batch);
      device::tma_store_commit();
    }
  }
}

/// All rows of one consumer, the first of them row `row` of C. Returns while the last slabs are on their way.
template <class T>
__device__ void store_staged(const Sums<T>& sums, Staging& staging, int& turn, const HopperArguments& g,
                             const TilePlace& tile, int row, int consumer) {
#pragma unroll
  for (int block = 0; block < T::kBlocks; ++block) {
    store_block_staged<T>(sums.of[block], staging, turn, g, tile, row + block * kInstructionRows, consumer);
  }
}

/// By every thread of a consumer before it ends: what it has sent must be out of shared memory.
__device__ inline void finish_stores() {
  if (threadIdx.x % kWarpgroup == 0) device::tma_store_wait<0>();
}

}  // namespace breakeven::cuda
