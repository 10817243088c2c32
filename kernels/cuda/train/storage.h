// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/arithmetic.h"

namespace breakeven::cuda {

/// Calls `f.operator()<T>()` with what activations are stored as: fp32 (of tf32 too: products round what they
/// multiply), bf16 or fp16. What is computed in between is fp32.
template <class F>
void with_storage(Precision precision, const F& f) {
  if (precision == Precision::bf16) return f.template operator()<__nv_bfloat16>();
  if (precision == Precision::fp16) return f.template operator()<__half>();
  f.template operator()<float>();
}

/// Quotient and remainder of numbers that are not negative; in 32 bits where both fit, which is several times
/// faster than in 64.
struct Divided {
  int64_t quotient, remainder;
};
__device__ inline Divided divide(int64_t number, int64_t by) {
  if ((number | by) <= 0xFFFFFFFF) {
    const auto small = static_cast<uint32_t>(number), divisor = static_cast<uint32_t>(by);
    return {small / divisor, small % divisor};
  }
  return {number / by, number % by};
}

/// `count` neighbours, loaded or stored at once where they lie on a multiple of their size.
template <class T, int count>
struct alignas(count * sizeof(T)) Several {
  T value[count];
};

template <int count, class T>
__device__ inline void load_several(float (&to)[count], const T* from) {
  const auto several = *reinterpret_cast<const Several<T, count>*>(from);
#pragma unroll
  for (int i = 0; i < count; ++i) to[i] = widen(several.value[i]);
}

template <int count, class T>
__device__ inline void store_several(T* to, const float (&from)[count]) {
  Several<T, count> several;
#pragma unroll
  for (int i = 0; i < count; ++i) several.value[i] = narrow<T>(from[i]);
  *reinterpret_cast<Several<T, count>*>(to) = several;
}

}  // namespace breakeven::cuda
