// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm/mma_tile.h"
#include "kernels/cuda/gemm/tile_copy.h"

// One block's tile of C in skinny.cu and batched_small.cu, on tensor cores or on CUDA cores: how a step of k
// (128 bytes of A) comes to shared memory, how it is multiplied, where the sums belong.

namespace breakeven::cuda {

template <class A, int count>
struct alignas(count * sizeof(typename A::Out)) Neighbours {
  typename A::Out value[count];
};

/// `count` neighbours of one row of C, finished; those at or beyond `available` are left out. `aligned`: rows
/// of C are multiples of `count`.
template <class A, int count>
__device__ inline void store_neighbours(typename A::Out* to, const float* sum, const float* bias,
                                        int available, bool aligned) {
  if (available <= 0) return;
  Neighbours<A, count> neighbours;
#pragma unroll
  for (int i = 0; i < count; ++i) neighbours.value[i] = finish<A>(sum[i], i < available ? bias : nullptr, i);
  if (aligned) {
    *reinterpret_cast<Neighbours<A, count>*>(to) = neighbours;
  } else {
#pragma unroll
    for (int i = 0; i < count; ++i) {
      if (i < available) to[i] = neighbours.value[i];
    }
  }
}

/// 16-bit types on tensor cores, m x n by warps_m x warps_n warps.
template <Precision P, int m, int n, int warps_m, int warps_n>
struct MmaBlock {
  using Tile = MmaTile<P, Generation::ampere, m, n, warps_m, warps_n, 1, 1>;
  using Types = Arithmetic<P>;
  using In = typename Types::In;
  static constexpr int kM = m, kN = n, kThreads = Tile::kThreads, kStep = Tile::kK,
                       kStageBytes = Tile::kStageBytes;
  static constexpr int kRowBlocks = Tile::kWarpM / 16, kColumnBlocks = Tile::kWarpN / 8;
  static constexpr int kSums = kRowBlocks * kColumnBlocks * 4;

  template <Alignment alignment>
  static __device__ void copy(std::byte* stage, const Matrix<const In>& a, const Matrix<const In>& b,
                              int column, int k) {
    copy_tile<typename Tile::LayoutA, m, kThreads, Transfer::async, alignment>(stage, a, 0, k);
    copy_tile<typename Tile::LayoutB, kStep, kThreads, Transfer::async, alignment>(stage + Tile::kBytesA, b,
                                                                                   k, column);
  }

  static __device__ void multiply(float (&sum)[kSums], const std::byte* stage) {
#pragma unroll 1  // unrolled, the compiler reads ahead beyond what registers hold
    for (int step = 0; step < Tile::kSteps; ++step) {
      Fragments<Tile> fragments;
      load_fragments<Tile>(fragments, stage, step);
#pragma unroll
      for (int i = 0; i < kSums / 4; ++i) {
        cuda::multiply<Tile>(reinterpret_cast<float(&)[4]>(sum[i * 4]), fragments.a[i / kColumnBlocks],
                             fragments.b[i % kColumnBlocks]);
      }
    }
  }

  /// f(row, column in the tile, two neighbouring sums) for all sums of this thread.
  static constexpr int kTogether = 2;
  template <class F>
  static __device__ void each(const float (&sum)[kSums], const F& f) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < kSums; i += 2) {
      const int row = i / 4 / kColumnBlocks * 16 + lane / 4 + i % 4 / 2 * 8;
      f(Tile::warp_row() + row, Tile::warp_column() + i / 4 % kColumnBlocks * 8 + lane % 4 * 2, &sum[i]);
    }
  }
};

/// fp32 on CUDA cores, m x n by threads_m x threads_n threads. A thread has every threads_m-th row and quads
/// of columns; it reads A a few elements along k at once, from swizzled rows, and B four columns at once.
template <int m, int n, int threads_m, int threads_n>
struct FmaBlock {
  using Types = Arithmetic<Precision::fp32>;
  using In = float;
  static constexpr int kM = m, kN = n, kThreads = threads_m * threads_n, kStep = 32;
  static constexpr int kABytes = m * 128, kStageBytes = kABytes + kStep * n * 4;
  static constexpr int kRows = m / threads_m, kQuads = n / threads_n / 4, kSums = kRows * kQuads * 4;
  using ALayout = Swizzled<128>;
  using BLayout = Padded<n * 4, 0>;
  static constexpr int kAlong = kThreads == 256 ? 2 : 4;  // k at once: what 128 registers hold
  template <int count>
  struct alignas(count * 4) Floats {
    float value[count];
  };

  template <Alignment alignment>
  static __device__ void copy(std::byte* stage, const Matrix<const float>& a, const Matrix<const float>& b,
                              int column, int k) {
    copy_tile<ALayout, m, kThreads, Transfer::async, alignment>(stage, a, 0, k);
    copy_tile<BLayout, kStep, kThreads, Transfer::async, alignment>(stage + kABytes, b, k, column);
  }

  static __device__ void multiply(float (&sum)[kSums], const std::byte* stage) {
    const int row = threadIdx.x / threads_n, quad = threadIdx.x % threads_n;
#pragma unroll 1  // for the same reason
    for (int k = 0; k < kStep; k += kAlong) {
      Floats<4> b[kAlong][kQuads];
#pragma unroll
      for (int i = 0; i < kAlong * kQuads; ++i) {
        const int at = BLayout::offset(k + i / kQuads, quad + i % kQuads * threads_n);
        b[i / kQuads][i % kQuads] = *reinterpret_cast<const Floats<4>*>(stage + kABytes + at);
      }
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        const int at = ALayout::offset(row + i * threads_m, k / 4) + k % 4 * 4;
        const Floats<kAlong> a = *reinterpret_cast<const Floats<kAlong>*>(stage + at);
#pragma unroll
        for (int j = 0; j < kAlong * kQuads * 4; ++j) {
          const int next = j / (kQuads * 4), column = j % (kQuads * 4);
          sum[i * kQuads * 4 + column] += a.value[next] * b[next][column / 4].value[column % 4];
        }
      }
    }
  }

  static constexpr int kTogether = 4;
  template <class F>
  static __device__ void each(const float (&sum)[kSums], const F& f) {
    const int row = threadIdx.x / threads_n, quad = threadIdx.x % threads_n;
#pragma unroll
    for (int i = 0; i < kSums; i += 4) {
      f(row + i / 4 / kQuads * threads_m, (quad + i / 4 % kQuads * threads_n) * 4, &sum[i]);
    }
  }
};

/// All sums of the block's threads to C, whose column `column` is the tile's first.
template <class T>
__device__ inline void store_block(const float (&sum)[T::kSums], const Matrix<typename T::Types::Out>& c,
                                   const float* bias, int column) {
  const bool aligned = c.columns % T::kTogether == 0;
  T::each(sum, [&](int row, int at, const float* neighbours) {
    if (row >= c.rows) return;
    const int first = column + at;
    store_neighbours<typename T::Types, T::kTogether>(c.data + int64_t{row} * c.columns + first, neighbours,
                                                      bias ? bias + first : nullptr, c.columns - first,
                                                      aligned);
  });
}

}  // namespace breakeven::cuda
