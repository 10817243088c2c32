// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/arithmetic.h"

// Four neighbouring elements at a time: one 16-byte access in fp32, one 8-byte access in bf16 and fp16.

namespace breakeven::cuda {

/// `vector`: rows start aligned and their length is a multiple of 4, so a quad lies inside its row or
/// outside.
enum class Access : uint8_t { scalar, vector };

struct alignas(16) Quad {
  float value[4];
};

/// A quad as it lies in memory.
template <class T>
struct alignas(4 * sizeof(T)) Packed {
  T value[4];
};

/// Elements from[0..3] widened; zero for those at or beyond `available` (which may be negative).
template <Access access, class In>
__device__ inline Quad load_quad(const In* from, int available) {
  Quad quad = {};
  if constexpr (access == Access::vector) {
    if (available > 0) {
      const Packed<In> packed = *reinterpret_cast<const Packed<In>*>(from);
#pragma unroll
      for (int i = 0; i < 4; ++i) quad.value[i] = widen(packed.value[i]);
    }
  } else {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (i < available) quad.value[i] = widen(from[i]);
    }
  }
  return quad;
}

/// Four aligned floats in shared memory as one vector.
__device__ inline const Quad& shared_quad(const float* at) { return *reinterpret_cast<const Quad*>(at); }
__device__ inline Quad& shared_quad(float* at) { return *reinterpret_cast<Quad*>(at); }

/// Four sums, finished, to to[0..3]; those at or beyond `available` are left out. `bias`: of the same
/// columns.
template <class A, Access access>
__device__ inline void store_quad(typename A::Out* to, const float* sum, const float* bias, int available) {
  if constexpr (access == Access::vector) {
    if (available <= 0) return;
    Packed<typename A::Out> packed;
#pragma unroll
    for (int i = 0; i < 4; ++i) packed.value[i] = finish<A>(sum[i], bias, i);
    *reinterpret_cast<Packed<typename A::Out>*>(to) = packed;
  } else {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (i < available) to[i] = finish<A>(sum[i], bias, i);
    }
  }
}

}  // namespace breakeven::cuda
