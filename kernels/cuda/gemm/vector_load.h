// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "kernels/cuda/gemm/tile_copy.h"
#include "kernels/device/cache.h"

namespace breakeven::cuda {

/// 16 bytes of elements.
template <class T>
struct alignas(16) Vector {
  T value[16 / sizeof(T)];
};

/// The elements from `from` on, zero for those at or beyond `available` (which may be negative); they are
/// expected to be used again.
template <Alignment alignment, class T>
__device__ inline Vector<T> load_vector_cached(const T* from, int available) {
  const Chunk chunk = load_chunk<alignment>(from, available);
  Vector<T> vector;
  memcpy(&vector, &chunk, sizeof vector);
  return vector;
}

/// The same for what is used once.
template <Alignment alignment, class T>
__device__ inline Vector<T> load_vector(const T* from, int available) {
  if constexpr (alignment != Alignment::chunk) return load_vector_cached<alignment>(from, available);
  const uint4 chunk =
      available > 0 ? device::load_streaming(reinterpret_cast<const uint4*>(from)) : make_uint4(0, 0, 0, 0);
  Vector<T> vector;
  memcpy(&vector, &chunk, sizeof vector);
  return vector;
}

}  // namespace breakeven::cuda
