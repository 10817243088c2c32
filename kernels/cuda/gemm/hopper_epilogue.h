// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm/hopper_tile.h"

// From accumulators to C, straight from the registers. A thread holds pairs of neighbouring columns
// (kernels/device/wgmma.h): four lanes write 16 (or 32) bytes of a row, eight rows a warp.

namespace breakeven::cuda {

/// Two neighbouring results, finished and rounded, as they lie in memory.
template <class Types>
struct alignas(2 * sizeof(typename Types::Out)) Pair {
  typename Types::Out value[2];
};

/// Both in one instruction where there is one.
template <class Types>
__device__ inline Pair<Types> round_pair(typename Types::Sum x, typename Types::Sum y) {
  using Out = typename Types::Out;
  if constexpr (std::is_same_v<Out, __nv_bfloat16>) {
    const __nv_bfloat162 both = __floats2bfloat162_rn(x, y);
    return {{both.x, both.y}};
  } else if constexpr (std::is_same_v<Out, __half>) {
    const __half2 both = __floats2half2_rn(x, y);
    return {{both.x, both.y}};
  } else {
    return {{x, y}};
  }
}

/// Bias and ReLU in the accumulator's precision, then the one rounding. Columns at or beyond n have no bias.
template <class Types>
__device__ inline Pair<Types> finish_pair(typename Types::Sum x, typename Types::Sum y, const float* bias,
                                          int column, int n) {
  if constexpr (!std::is_integral_v<typename Types::Sum>) {
    if (bias) {
      x += column < n ? __ldg(bias + column) : 0.f;
      y += column + 1 < n ? __ldg(bias + column + 1) : 0.f;
      if (x < 0) x = 0;  // not fmax, see finish() in arithmetic.h
      if (y < 0) y = 0;
    }
  }
  return round_pair<Types>(x, y);
}

/// One warpgroup's 64 rows from `row` on, columns from `column` on, clipped to m x n. `c`: of this batch.
/// Pairs are written whole where rows keep them aligned (n even), else element by element.
template <class T>
__device__ void store_block(const typename T::Types::Sum (&sum)[T::kN / 2], const HopperArguments& g,
                            typename T::Types::Out* c, int row, int column) {
  using Types = typename T::Types;
  const int lane = threadIdx.x % 32, warp = threadIdx.x % kWarpgroup / 32;
  const int first = column + lane % 4 * 2;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int at = row + warp * 16 + lane / 4 + half * 8;
    if (at >= g.m) continue;
    typename Types::Out* to = c + int64_t{at} * g.n;
#pragma unroll
    for (int j = 0; j < T::kN / 8; ++j) {
      const int here = first + j * 8;
      const Pair<Types> pair =
          finish_pair<Types>(sum[j * 4 + half * 2], sum[j * 4 + half * 2 + 1], g.bias, here, g.n);
      if (g.n % 2 == 0) {
        if (here < g.n) *reinterpret_cast<Pair<Types>*>(to + here) = pair;
      } else {
        if (here < g.n) to[here] = pair.value[0];
        if (here + 1 < g.n) to[here + 1] = pair.value[1];
      }
    }
  }
}

/// All rows of one warpgroup, the first of them row `row` of C.
template <class T>
__device__ void store_direct(const Sums<T>& sums, const HopperArguments& g, const TilePlace& tile, int row) {
  auto* c = static_cast<typename T::Types::Out*>(g.c_elements) + int64_t{tile.batch} * g.m * g.n;
#pragma unroll
  for (int block = 0; block < T::kBlocks; ++block) {
    store_block<T>(sums.of[block], g, c, row + block * kInstructionRows, tile.n);
  }
}

}  // namespace breakeven::cuda
