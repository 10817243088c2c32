// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <type_traits>

#include "cpu_ref/round_to.h"

// The rung below all others: one multiply and one add at a time. The compiler must not turn the loops into
// vector code, or the rung would show what the compiler can do.
#if defined(__clang__)
#define BREAKEVEN_SCALAR_FUNCTION
#define BREAKEVEN_SCALAR_LOOP _Pragma("clang loop vectorize(disable) interleave(disable)")
#else
#define BREAKEVEN_SCALAR_FUNCTION __attribute__((noinline, optimize("no-tree-vectorize")))
#define BREAKEVEN_SCALAR_LOOP
#endif

namespace breakeven::cpu {

inline double value(double x) { return x; }
inline float value(float x) { return x; }
inline int32_t value(int8_t x) { return x; }
inline float value(Bf16 x) { return std::bit_cast<float>(from_bf16(x.bits)); }
inline float value(Fp16 x) { return std::bit_cast<float>(from_fp16(x.bits)); }

inline void store(double sum, double* out) { *out = sum; }
inline void store(float sum, float* out) { *out = sum; }
inline void store(int32_t sum, int32_t* out) { *out = sum; }
inline void store(float sum, Bf16* out) { out->bits = to_bf16(std::bit_cast<uint32_t>(sum)); }
inline void store(float sum, Fp16* out) { out->bits = to_fp16(std::bit_cast<uint32_t>(sum)); }

/// `sum` + bias, ReLU, and the one rounding. An int32 sum exceeds an fp32's 24 bits: added in double.
template <class Bias, class Sum, class Out>
void finish(Sum sum, Bias bias, Out* out) {
  if constexpr (std::is_same_v<Sum, int32_t>) {
    round_to(std::max(0.0, static_cast<double>(sum) + static_cast<double>(bias)), out);
  } else {
    store(std::max(Sum(0), sum + bias), out);
  }
}

}  // namespace breakeven::cpu
