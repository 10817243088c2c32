// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "harness/precision.h"
#include "kernels/device/language.h"

namespace breakeven::cuda {

/// What one precision means inside a kernel: what is read, what is accumulated in, what is written.
template <Precision>
struct Arithmetic;
template <>
struct Arithmetic<Precision::fp64> {
  using In = double;
  using Sum = double;
  using Out = double;
  using Bias = double;
};
template <>
struct Arithmetic<Precision::fp32> {
  using In = float;
  using Sum = float;
  using Out = float;
  using Bias = float;
};
template <>
struct Arithmetic<Precision::bf16> {
  using In = __nv_bfloat16;
  using Sum = float;
  using Out = __nv_bfloat16;
  using Bias = float;
};
template <>
struct Arithmetic<Precision::fp16> {
  using In = __half;
  using Sum = float;
  using Out = __half;
  using Bias = float;
};
template <>
struct Arithmetic<Precision::tf32> {
  using In = float;  // its low 13 bits are zero already
  using Sum = float;
  using Out = float;
  using Bias = float;
};
template <>
struct Arithmetic<Precision::fp8e4m3> {
  using In = uint8_t;  // the bits: nothing but a Tensor Core computes with them
  using Sum = float;
  using Out = __nv_bfloat16;
  using Bias = float;
};
template <>
struct Arithmetic<Precision::int8> {
  using In = int8_t;
  using Sum = int32_t;
  using Out = int32_t;
  using Bias = float;
};

/// Calls `f.operator()<P>()` with the run-time precision as a template argument: fp32, bf16 and fp16, which
/// every ladder has, and those in `More`. The kernel's `why_not` has turned others away before.
template <Precision... More, class F>
void with_precision(Precision precision, const F& f) {
  const auto call = [&]<Precision P>() {
    if (precision == P) f.template operator()<P>();
    return precision == P;
  };
  const bool known = call.template operator()<Precision::fp32>() ||
                     call.template operator()<Precision::bf16>() ||
                     call.template operator()<Precision::fp16>() || (call.template operator()<More>() || ...);
  if (!known) throw std::logic_error("a kernel was asked for a precision that it does not have");
}

/// Exactly.
__device__ inline double widen(double x) { return x; }
__device__ inline float widen(float x) { return x; }
__device__ inline float widen(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ inline float widen(__half x) { return __half2float(x); }
__device__ inline int32_t widen(int8_t x) { return x; }

/// With one rounding to nearest even.
template <class Out, class Sum>
__device__ inline Out narrow(Sum x) {
  if constexpr (std::is_same_v<Out, __nv_bfloat16>) {
    return __float2bfloat16_rn(x);
  } else if constexpr (std::is_same_v<Out, __half>) {
    return __float2half_rn(x);
  } else {
    return x;
  }
}

/// The epilogue in the accumulator's precision, then the one rounding. `bias` is null when there is none.
template <class A>
__device__ inline typename A::Out finish(typename A::Sum sum, const typename A::Bias* bias, int64_t column) {
  if constexpr (!std::is_integral_v<typename A::Sum>) {
    if (bias) {
      sum += bias[column];
      if (sum < 0)
        sum = 0;  // not fmax: that would turn a NaN, the mark of an error, into an honest-looking 0
    }
  }
  return narrow<typename A::Out>(sum);
}

}  // namespace breakeven::cuda
