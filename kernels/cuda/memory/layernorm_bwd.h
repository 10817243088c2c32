// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/row.h"

// What the kernels of layernorm_bwd.cu share: the formula, and which columns a thread has.

namespace breakeven::cuda {

/// Arrays of layernorm_bwd; gamma[columns], mean and rstd [rows] in fp32, the others [rows, columns].
template <class T>
struct Backward {
  const T *x, *dy;
  const float *gamma, *mean, *rstd;
  T* dx;
  int64_t rows;
  int columns;
};

/// Columns of a thread are the same in every row, because it sums dgamma and dbeta of them: so `each` of them
/// (16 bytes) lie together where rows begin at multiples of 16 bytes, and one alone elsewhere.
template <class T, int each>
__device__ inline void load_columns(float (&values)[each], const T* row, int column, int columns) {
  if constexpr (each == 1) {
    values[0] = column < columns ? widen(row[column]) : 0.0f;
  } else {
    const Part<T> part = load_part<T>(row, column, columns, T{});
#pragma unroll
    for (int j = 0; j < each; ++j) values[j] = widen(part.value[j]);
  }
}

template <class T, int each>
__device__ inline void store_columns(T* row, int column, int columns, const float (&values)[each]) {
  if constexpr (each == 1) {
    if (column < columns) row[column] = narrow<T>(values[0]);
  } else {
    Part<T> part;
#pragma unroll
    for (int j = 0; j < each; ++j) part.value[j] = narrow<T>(values[j]);
    store_part(row, column, columns, part);
  }
}

/// One element: its normalised x and what reaches it through gamma.
struct Incoming {
  float normal, through;
};
__device__ inline Incoming element_of(float x, float dy, float gamma, float mean, float rstd) {
  return {(x - mean) * rstd, dy * gamma};
}

/// Of a row: the means of `through` and of through * normal. dx = rstd (through - first - normal second).
struct Means {
  float first, second;
};
__device__ inline float gradient_of(const Incoming& e, const Means& means, float rstd) {
  return rstd * (e.through - means.first - e.normal * means.second);
}

/// Over the block, both at once.
/// Trap: as in over_team, the first barrier is for those who still read what the row before left.
__device__ inline Means means_over_block(float first, float second, int columns) {
  struct Pair {
    float first[32], second[32];
  };
  auto& shared = device::static_shared<Pair>();
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32, warps = blockDim.x / 32;
  first = over_warp<Sum>(first);
  second = over_warp<Sum>(second);
  __syncthreads();
  if (lane == 0) {
    shared.first[warp] = first;
    shared.second[warp] = second;
  }
  __syncthreads();
  const float count = static_cast<float>(columns);
  first = over_warp<Sum>(lane < warps ? shared.first[lane] : 0.0f);
  second = over_warp<Sum>(lane < warps ? shared.second[lane] : 0.0f);
  return {first / count, second / count};
}

}  // namespace breakeven::cuda
