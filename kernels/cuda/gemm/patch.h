// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/gemm/matrix.h"

// The way of the sums to C. Tensor cores leave them scattered over a warp's registers, two neighbours at most
// in one thread; through a patch of shared memory of its own each warp brings them into rows, so that C is
// written 16 bytes at a time. Patches take the place of the tiles when those are used up.

namespace breakeven::cuda {

/// 16 rows of a warp's sums. The distance of rows, 8 words more than a multiple of 32 or 16 more, keeps the
/// pairs that mma leaves (four neighbours in each of eight rows) from meeting in the banks.
template <class Sum, int columns>
struct alignas(32) Patch {
  static constexpr int kRows = 16, kColumns = columns, kPitch = columns + 8;
  static_assert(columns % 16 == 0);
  Sum at[kRows][kPitch];

  __device__ void put_pair(int row, int column, Sum first, Sum second) {
    struct alignas(8) Pair {
      Sum first, second;
    };
    *reinterpret_cast<Pair*>(&at[row][column]) = {first, second};
  }
};

/// Where a warp's result goes, and what is added to it on the way (null: nothing).
template <class A>
struct Result {
  Matrix<typename A::Out> c;
  const typename A::Bias* bias;
};

/// The patch becomes rows `row`.. and columns `column`.. of C, as far as C goes. All lanes of one warp, which
/// has met (__syncwarp) since it filled the patch, and must meet before it fills it again.
template <class A, int columns>
__device__ inline void store_patch(const Result<A>& to, const Patch<typename A::Sum, columns>& patch, int row,
                                   int column) {
  using Out = typename A::Out;
  constexpr int kVector = 16 / sizeof(Out);
  struct alignas(16) Packed {
    Out value[kVector];
  };
  const int lane = threadIdx.x % 32;
  Out* corner = to.c.data + int64_t{row} * to.c.columns + column;
  const auto finished = [&](int i, int j) { return finish<A>(patch.at[i][j], to.bias, column + j); };
  if (to.c.columns % kVector == 0) {
    constexpr int kPerRow = columns / kVector;
    const int j = lane % kPerRow * kVector;
#pragma unroll 1  // registers are short where the sums of all rows still wait
    for (int i = lane / kPerRow; i < patch.kRows; i += 32 / kPerRow) {
      if (row + i >= to.c.rows || column + j >= to.c.columns) continue;
      Packed packed;
#pragma unroll
      for (int e = 0; e < kVector; ++e) packed.value[e] = finished(i, j + e);
      *reinterpret_cast<Packed*>(corner + int64_t{i} * to.c.columns + j) = packed;
    }
  } else {
#pragma unroll 1
    for (int e = lane; e < patch.kRows * columns; e += 32) {
      const int i = e / columns, j = e % columns;
      if (row + i >= to.c.rows || column + j >= to.c.columns) continue;
      corner[int64_t{i} * to.c.columns + j] = finished(i, j);
    }
  }
}

}  // namespace breakeven::cuda
