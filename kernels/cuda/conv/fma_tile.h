// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/conv_tile.h"
#include "kernels/cuda/quad.h"

// fp32 on CUDA cores, from the same tiles in shared memory that tensor cores are fed from: 16 x 16 threads,
// each with a square of C. Where k lies along the rows, a thread's rows are every 16th, so that neighbouring
// threads read neighbouring rows, which the swizzle keeps apart; where it does not, they are fours.

namespace breakeven::cuda {

/// m x n of C; each thread has `kRowsOf` x `kColumnsOf` of it.
template <Direction direction, int m, int n, int stages, int blocks>
struct ConvFmaTile {
  using Types = Arithmetic<Precision::fp32>;
  using Sum = float;
  using Operands = ConvOperands<Precision::fp32, direction, m, n>;
  static constexpr device::Major kAMajor = Operands::kAMajor, kBMajor = Operands::kBMajor;
  using LayoutA = typename Operands::A::Type;
  using LayoutB = typename Operands::B::Type;
  static constexpr int kM = m, kN = n, kStages = stages, kBlocks = blocks, kThreads = 256, kOldestArch = 750;
  static constexpr int kK = 32, kBytesA = Operands::kBytesA, kStageBytes = Operands::kStageBytes;
  static constexpr int kRowsOf = m / 16, kColumnsOf = n / 16, kSums = kRowsOf * kColumnsOf;

  /// The row (column) in the tile of the i-th that thread `t` of 16 has.
  template <device::Major major>
  static __device__ int place(int t, int i) {
    return major == device::Major::k ? t + i * 16 : i / 4 * 64 + t * 4 + i % 4;
  }
  static __device__ int row(int i) { return place<kAMajor>(threadIdx.x / 16, i); }
  static __device__ int column(int j) { return place<kBMajor>(threadIdx.x % 16, j); }
};

/// `count` rows (columns) of an operand along four of k: value[k][i].
template <class T, class Layout, device::Major major, int count>
__device__ inline void load_fours(float (&value)[4][count], const std::byte* tile, int t, int fours) {
  if constexpr (major == device::Major::k) {
#pragma unroll
    for (int i = 0; i < count; ++i) {
      const int at = T::template place<major>(t, i);
      const Quad quad = *reinterpret_cast<const Quad*>(tile + Layout::offset(at, fours));
#pragma unroll
      for (int k = 0; k < 4; ++k) value[k][i] = quad.value[k];
    }
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
#pragma unroll
      for (int i = 0; i < count; i += 4) {
        const int at = T::template place<major>(t, i);
        const Quad quad = *reinterpret_cast<const Quad*>(tile + Layout::offset(fours * 4 + k, at / 4));
#pragma unroll
        for (int e = 0; e < 4; ++e) value[k][i + e] = quad.value[e];
      }
    }
  }
}

/// The sums of one step. Four of A's columns are held, and four of B's columns pass by them at a time.
template <class T>
__device__ inline void multiply_stage(float (&sum)[T::kSums], const std::byte* stage) {
#pragma unroll 1
  for (int fours = 0; fours < T::kK / 4; ++fours) {
    float a[4][T::kRowsOf], b[4][T::kColumnsOf];
    load_fours<T, typename T::LayoutA, T::kAMajor>(a, stage, threadIdx.x / 16, fours);
    load_fours<T, typename T::LayoutB, T::kBMajor>(b, stage + T::kBytesA, threadIdx.x % 16, fours);
#pragma unroll
    for (int k = 0; k < 4; ++k) {
#pragma unroll
      for (int s = 0; s < T::kSums; ++s) sum[s] += a[k][s / T::kColumnsOf] * b[k][s % T::kColumnsOf];
    }
  }
}

}  // namespace breakeven::cuda
