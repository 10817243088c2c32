// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "kernels/cuda/arithmetic.h"
#include "kernels/device/cache.h"

// Arrays moved 16 bytes at a time, wherever they begin and end.

namespace breakeven::cuda {

template <class T>
inline constexpr int kEach = 16 / sizeof(T);

/// 16 bytes of elements.
template <class T>
struct alignas(16) Part {
  T value[kEach<T>];
};

/// What is read once. Trap: `from` is a multiple of 16.
template <class T>
__device__ inline Part<T> load_whole(const T* from) {
  const uint4 bits = device::load_streaming(reinterpret_cast<const uint4*>(from));
  Part<T> part;
  memcpy(&part, &bits, sizeof part);
  return part;
}

template <class T>
__device__ inline void store_whole(T* to, const Part<T>& part) {
  uint4 bits;
  memcpy(&bits, &part, sizeof bits);
  device::store_streaming(reinterpret_cast<uint4*>(to), bits);
}

/// Elements first .. first + kEach - 1 of the `count` that begin at `array`; `first` may be negative or too
/// large: what lies outside is `other` and is not touched. array + first is a multiple of 16 bytes.
template <class T>
__device__ inline Part<T> load_part(const T* array, int64_t first, int64_t count, T other) {
  if (first >= 0 && first + kEach<T> <= count) return load_whole(array + first);
  Part<T> part;
#pragma unroll
  for (int j = 0; j < kEach<T>; ++j) {
    part.value[j] = first + j >= 0 && first + j < count ? array[first + j] : other;
  }
  return part;
}

template <class T>
__device__ inline void store_part(T* array, int64_t first, int64_t count, const Part<T>& part) {
  if (first >= 0 && first + kEach<T> <= count) return store_whole(array + first, part);
#pragma unroll
  for (int j = 0; j < kEach<T>; ++j) {
    if (first + j >= 0 && first + j < count) array[first + j] = part.value[j];
  }
}

}  // namespace breakeven::cuda
