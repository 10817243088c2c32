// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// WMMA, the portable interface to tensor cores: a warp multiplies fragments whose layout in registers is not
// told. Thin names over nvcuda::wmma for the shapes used here:
//   fp16 bf16 int8: 16 x 16 x 16, tf32: 16 x 16 x 8, fp64: 8 x 8 x 4; sums fp32, int32 for int8, fp64.
// A is row-major [m,k]; B is [k,n] (Major::mn) or [n,k] (Major::k). fp16 and int8 exist from compute
// capability 7.5, the others from 8.0: kernels guard themselves by wmma_oldest_arch.
// Traps: all lanes of the warp together; addresses aligned to 32 bytes, strides to 16 bytes. tf32 takes fp32
// in memory, and each element must be rounded after loading: wmma_round.

#include "harness/precision.h"
#include "kernels/device/major.h"

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/wmma.h"
#else

#include <mma.h>

#include <type_traits>

#include "kernels/device/language.h"

namespace breakeven::device {

template <Precision P>
struct WmmaShape {  // fp16 bf16 int8
  static constexpr int m = 16, n = 16, k = 16;
};
template <>
struct WmmaShape<Precision::tf32> {
  static constexpr int m = 16, n = 16, k = 8;
};
template <>
struct WmmaShape<Precision::fp64> {
  static constexpr int m = 8, n = 8, k = 4;
};

/// The oldest BREAKEVEN_ARCH that has the instruction.
template <Precision P>
constexpr int wmma_oldest_arch = P == Precision::fp16 || P == Precision::int8 ? 750 : 800;

template <Precision P>
struct WmmaTypes;
template <>
struct WmmaTypes<Precision::fp16> {
  using In = __half;       // in memory
  using Operand = __half;  // in nvcuda::wmma's words
  using Sum = float;
};
template <>
struct WmmaTypes<Precision::bf16> {
  using In = __nv_bfloat16;
  using Operand = __nv_bfloat16;
  using Sum = float;
};
template <>
struct WmmaTypes<Precision::int8> {
  using In = signed char;
  using Operand = signed char;
  using Sum = int;
};
template <>
struct WmmaTypes<Precision::fp64> {
  using In = double;
  using Operand = double;
  using Sum = double;
};
template <>
struct WmmaTypes<Precision::tf32> {
  using In = float;
#if BREAKEVEN_ARCH == 0 || BREAKEVEN_ARCH >= 800
  using Operand = nvcuda::wmma::precision::tf32;
#else
  using Operand = float;  // the name does not exist in the pass for Turing, which does not use it
#endif
  using Sum = float;
};

template <Precision P>
using WmmaA =
    nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, WmmaShape<P>::m, WmmaShape<P>::n, WmmaShape<P>::k,
                           typename WmmaTypes<P>::Operand, nvcuda::wmma::row_major>;
template <Precision P, Major major>
using WmmaB = nvcuda::wmma::fragment<
    nvcuda::wmma::matrix_b, WmmaShape<P>::m, WmmaShape<P>::n, WmmaShape<P>::k, typename WmmaTypes<P>::Operand,
    std::conditional_t<major == Major::k, nvcuda::wmma::col_major, nvcuda::wmma::row_major> >;
template <Precision P>
using WmmaSum = nvcuda::wmma::fragment<nvcuda::wmma::accumulator, WmmaShape<P>::m, WmmaShape<P>::n,
                                       WmmaShape<P>::k, typename WmmaTypes<P>::Sum>;

/// Fragments have x[], this lane's elements, and num_elements.
template <class Fragment, class T>
__device__ inline void wmma_fill(Fragment& fragment, T value) {
  nvcuda::wmma::fill_fragment(fragment, value);
}

/// An operand from memory; `stride`: elements from one row (Major::k of B: column) to the next.
template <class Fragment, class In>
__device__ inline void wmma_load(Fragment& fragment, const In* from, int stride) {
  nvcuda::wmma::load_matrix_sync(fragment, from, static_cast<unsigned>(stride));
}

/// tf32 only: every element to the nearest, ties away from zero.
template <class Fragment>
__device__ inline void wmma_round(Fragment& fragment) {
#pragma unroll
  for (int i = 0; i < fragment.num_elements; ++i)
    fragment.x[i] = nvcuda::wmma::__float_to_tf32(fragment.x[i]);
}

/// d = A B + d
template <class Sum, class A, class B>
__device__ inline void wmma_multiply(Sum& d, const A& a, const B& b) {
  nvcuda::wmma::mma_sync(d, a, b, d);
}

/// The sums to memory, row-major [m,n].
template <class T, class Sum>
__device__ inline void wmma_store(T* to, const Sum& sum, int stride) {
  nvcuda::wmma::store_matrix_sync(to, sum, static_cast<unsigned>(stride), nvcuda::wmma::mem_row_major);
}

}  // namespace breakeven::device

#endif
