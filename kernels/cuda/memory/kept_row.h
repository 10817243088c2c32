// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/row.h"

// How a team holds a row: in registers, or, where it is longer than those, a few parts at a time.

namespace breakeven::cuda {

/// A row in its team's registers, `kept` elements in each thread.
template <class T, Team team, int kept>
struct KeptRow {
  static constexpr int kParts = kept / kEach<T>;
  float value[kParts][kEach<T>];

  __device__ static int part(int i) { return team_thread<team>() + i * team_size<team>(); }
  __device__ void load(const Row<const T>& row, T other) {
    Part<T> parts[kParts];
#pragma unroll
    for (int i = 0; i < kParts; ++i) parts[i] = row.load(part(i), other);
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
#pragma unroll
      for (int j = 0; j < kEach<T>; ++j) value[i][j] = widen(parts[i].value[j]);
    }
  }
  /// value = f(value, column) of all, outside the row as well.
  template <class F>
  __device__ void each(const Row<const T>& row, const F& f) {
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
#pragma unroll
      for (int j = 0; j < kEach<T>; ++j) value[i][j] = f(value[i][j], row.column(part(i)) + j);
    }
  }
  __device__ void store(const Row<T>& row) const {
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
      Part<T> narrowed;
#pragma unroll
      for (int j = 0; j < kEach<T>; ++j) narrowed.value[j] = narrow<T>(value[i][j]);
      row.store(part(i), narrowed);
    }
  }
};

inline constexpr int kLongAhead = 4;  // parts under way in each thread of a block on a long row

/// Calls f(part number, part) for the thread's parts of a row, loads ahead of use.
template <int ahead = kLongAhead, class T, class F>
__device__ inline void each_part(const Row<const T>& row, T other, const F& f) {
  const int step = static_cast<int>(blockDim.x), parts = row.parts();
  for (int first = static_cast<int>(threadIdx.x); first < parts; first += ahead * step) {
    Part<T> part[ahead];
#pragma unroll
    for (int i = 0; i < ahead; ++i) part[i] = row.load(first + i * step, other);
#pragma unroll
    for (int i = 0; i < ahead; ++i) f(first + i * step, part[i]);
  }
}

}  // namespace breakeven::cuda
