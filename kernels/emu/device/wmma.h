// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <bit>
#include <cstdint>
#include <type_traits>

#include "harness/precision.h"
#include "kernels/device/major.h"
#include "kernels/emu/device/mma.h"

// Twin of kernels/device/wmma.h. The elements are spread over the lanes in an order that no GPU uses, since
// no program may count on one.

namespace breakeven::device {

template <Precision P>
struct WmmaShape {
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

template <Precision P>
constexpr int wmma_oldest_arch = P == Precision::fp16 || P == Precision::int8 ? 750 : 800;

template <Precision P>
struct WmmaTypes;
template <>
struct WmmaTypes<Precision::fp16> {
  using In = __half;
  using Sum = float;
};
template <>
struct WmmaTypes<Precision::bf16> {
  using In = __nv_bfloat16;
  using Sum = float;
};
template <>
struct WmmaTypes<Precision::int8> {
  using In = signed char;
  using Sum = int;
};
template <>
struct WmmaTypes<Precision::fp64> {
  using In = double;
  using Sum = double;
};
template <>
struct WmmaTypes<Precision::tf32> {
  using In = float;
  using Sum = float;
};

/// The part of a rows x columns matrix that a lane holds; in memory, element (row, column) is at
/// row * stride + column, or the other way round.
template <Precision P, class T, int rows, int columns, bool transposed>
struct WmmaFragment {
  static constexpr int num_elements = rows * columns / 32, row_count = rows, column_count = columns;
  static constexpr bool is_transposed = transposed;
  static constexpr Precision precision = P;
  T x[num_elements];
};
template <Precision P>
using WmmaA = WmmaFragment<P, typename WmmaTypes<P>::In, WmmaShape<P>::m, WmmaShape<P>::k, false>;
template <Precision P, Major major>
using WmmaB = WmmaFragment<P, typename WmmaTypes<P>::In, WmmaShape<P>::k, WmmaShape<P>::n, major == Major::k>;
template <Precision P>
using WmmaSum = WmmaFragment<P, typename WmmaTypes<P>::Sum, WmmaShape<P>::m, WmmaShape<P>::n, false>;

}  // namespace breakeven::device

namespace breakeven::emu {

/// The element number (row * columns + column) that `lane` holds at x[i], of `elements` in all.
constexpr int wmma_element(int lane, int i, int elements) {
  return (i * 32 + (lane * 11 + 5) % 32) % elements;
}

int wmma_lane();
/// All lanes are here, and the address is one that load and store take.
void wmma_check(const void* address, int64_t stride_bytes, const char* what);
struct WmmaProduct {
  Precision precision;
  int m, n, k;
};
void wmma_multiply(WmmaProduct, void* d, const void* a, const void* b);

}  // namespace breakeven::emu

namespace breakeven::device {

template <class Fragment, class T>
inline void wmma_fill(Fragment& fragment, T value) {
  for (auto& x : fragment.x) x = static_cast<std::remove_reference_t<decltype(x)>>(value);
}

template <class Fragment, class In>
inline void wmma_load(Fragment& fragment, const In* from, int stride) {
  emu::wmma_check(from, int64_t{stride} * static_cast<int64_t>(sizeof(In)), "wmma_load");
  const int lane = emu::wmma_lane();
  constexpr int columns = Fragment::column_count;
  for (int i = 0; i < Fragment::num_elements; ++i) {
    const int e = emu::wmma_element(lane, i, Fragment::row_count * columns);
    fragment.x[i] = Fragment::is_transposed ? from[int64_t{stride} * (e % columns) + e / columns]
                                            : from[int64_t{stride} * (e / columns) + e % columns];
  }
}

/// tf32 only.
template <class Fragment>
inline void wmma_round(Fragment& fragment) {
  for (float& x : fragment.x) x = std::bit_cast<float>(emu::round_to_tf32(x));
}

template <class Sum, class A, class B>
inline void wmma_multiply(Sum& d, const A& a, const B& b) {
  emu::wmma_multiply({A::precision, A::row_count, B::column_count, A::column_count}, d.x, a.x, b.x);
}

template <class T, class Sum>
inline void wmma_store(T* to, const Sum& sum, int stride) {
  emu::wmma_check(to, int64_t{stride} * static_cast<int64_t>(sizeof(T)), "wmma_store");
  const int lane = emu::wmma_lane();
  constexpr int columns = Sum::column_count;
  for (int i = 0; i < Sum::num_elements; ++i) {
    const int e = emu::wmma_element(lane, i, Sum::row_count * columns);
    to[int64_t{stride} * (e / columns) + e % columns] = sum.x[i];
  }
}

}  // namespace breakeven::device
