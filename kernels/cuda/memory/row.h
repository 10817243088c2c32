// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "kernels/cuda/memory/part.h"

// A row of a dense array, taken by a team of threads: a warp for short rows, a block for long ones.

namespace breakeven::cuda {

/// The row's elements, cut where the array's 16-byte parts are and not where the row begins: so all but the
/// first and the last part move whole, whatever the number of columns. Part 0 begins `skip` elements before
/// the row.
template <class T>
struct Row {
  T* start;
  int skip, columns;

  __device__ int parts() const { return (skip + columns + kEach<T> - 1) / kEach<T>; }
  /// Column of the part's first element; negative in a part that the row before shares.
  __device__ int column(int part) const { return part * kEach<T> - skip; }
  template <class U>
  __device__ Part<U> load(int part, U other) const {
    return load_part<U>(start, column(part), columns, other);
  }
  __device__ void store(int part, const Part<T>& values) const {
    store_part(start, column(part), columns, values);
  }
};

template <class T>
__device__ inline Row<T> row_of(T* array, int64_t row, int columns) {
  const int64_t begin = row * columns;
  return {array + begin, static_cast<int>(begin % kEach<T>), columns};
}

/// Columns column .. column + count - 1 of an fp32 array that every row uses; `other` beyond.
template <int count>
__device__ inline void load_column_values(float (&values)[count], const float* array, int column, int columns,
                                          float other) {
  if constexpr (count % 4 == 0) {
    if (column >= 0 && column + count <= columns && column % 4 == 0) {
#pragma unroll
      for (int i = 0; i < count / 4; ++i) {
        const auto part = *reinterpret_cast<const Part<float>*>(array + column + 4 * i);
#pragma unroll
        for (int j = 0; j < 4; ++j) values[4 * i + j] = part.value[j];
      }
      return;
    }
  }
#pragma unroll
  for (int j = 0; j < count; ++j) {
    values[j] = column + j >= 0 && column + j < columns ? array[column + j] : other;
  }
}

enum class Team : uint8_t { warp, block };
inline constexpr int kRowWarps = 8;  // rows of a block whose teams are warps

template <Team team>
__device__ inline int64_t team_row() {
  if constexpr (team == Team::block) return blockIdx.x;
  return int64_t{blockIdx.x} * kRowWarps + threadIdx.x / 32;
}
template <Team team>
__device__ inline int team_thread() {
  return static_cast<int>(team == Team::block ? threadIdx.x : threadIdx.x % 32);
}
template <Team team>
__device__ inline int team_size() {
  return static_cast<int>(team == Team::block ? blockDim.x : 32);
}

struct Sum {
  static constexpr float kNothing = 0;
  __device__ static float of(float a, float b) { return a + b; }
};
struct Largest {
  static constexpr float kNothing = -INFINITY;
  __device__ static float of(float a, float b) { return fmaxf(a, b); }
};

/// In all lanes the same bits: partners add the same two numbers.
template <class Operation>
__device__ inline float over_warp(float value) {
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    value = Operation::of(value, __shfl_xor_sync(0xFFFFFFFFu, value, apart));
  }
  return value;
}

/// Over all threads of the team, in all of them, in a fixed order.
/// Trap: the first barrier is for the warps that still read what the reduction before left.
template <class Operation, Team team>
__device__ inline float over_team(float value) {
  value = over_warp<Operation>(value);
  if constexpr (team == Team::block) {
    auto& shared = device::static_shared<float[32]>();
    const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    __syncthreads();
    if (lane == 0) shared[warp] = value;
    __syncthreads();
    value = over_warp<Operation>(lane < blockDim.x / 32 ? shared[lane] : Operation::kNothing);
  }
  return value;
}

}  // namespace breakeven::cuda
