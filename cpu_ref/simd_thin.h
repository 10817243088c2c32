// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/simd_widen.h"

namespace breakeven::cpu {
namespace {

/// c[Rows, columns] += a[Rows, Unroll] b[Unroll, columns]: Unroll rows of B are read side by side, each in
/// order.
template <class W, int Rows, int Unroll>
void thin_step(const typename W::Input* a, int64_t a_stride, const typename W::Input* b, int64_t b_stride,
               typename W::Sum* c, int64_t c_stride, int64_t columns) {
  constexpr int L = kVectorBytes / static_cast<int>(sizeof(typename W::Sum));
  typename W::Sum factor[Rows][Unroll];
  for (int i = 0; i < Rows; ++i) {
    for (int u = 0; u < Unroll; ++u) factor[i][u] = W::one(a[i * a_stride + u]);
  }
  int64_t j = 0;
  for (; j + L <= columns; j += L) {
    typename W::Vector column[Unroll];
    for (int u = 0; u < Unroll; ++u) column[u] = W::many(b + u * b_stride + j);
    for (int i = 0; i < Rows; ++i) {
      typename W::Vector sum = load<typename W::Vector>(c + i * c_stride + j);
      for (int u = 0; u < Unroll; ++u) sum += factor[i][u] * column[u];
      store(sum, c + i * c_stride + j);
    }
  }
  for (; j < columns; ++j) {
    for (int i = 0; i < Rows; ++i) {
      for (int u = 0; u < Unroll; ++u) c[i * c_stride + j] += factor[i][u] * W::one(b[u * b_stride + j]);
    }
  }
}

template <class W, int Rows>
void thin_rows(const typename W::Input* a, int64_t a_stride, const typename W::Input* b, int64_t b_stride,
               typename W::Sum* c, int64_t c_stride, int64_t depth, int64_t columns) {
  constexpr int kUnroll = 4;
  for (int i = 0; i < Rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) c[i * c_stride + j] = 0;
  }
  int64_t p = 0;
  for (; p + kUnroll <= depth; p += kUnroll) {
    thin_step<W, Rows, kUnroll>(a + p, a_stride, b + p * b_stride, b_stride, c, c_stride, columns);
  }
  for (; p < depth; ++p)
    thin_step<W, Rows, 1>(a + p, a_stride, b + p * b_stride, b_stride, c, c_stride, columns);
}

/// The inner product of two contiguous vectors, in four independent sums.
template <class W>
typename W::Sum dot(const typename W::Input* x, const typename W::Input* y, int64_t size) {
  constexpr int kSums = 4, L = kVectorBytes / static_cast<int>(sizeof(typename W::Sum));
  typename W::Vector sums[kSums] = {};
  int64_t p = 0;
  for (; p + kSums * L <= size; p += kSums * L) {
    for (int s = 0; s < kSums; ++s) sums[s] += W::many(x + p + s * L) * W::many(y + p + s * L);
  }
  sums[0] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  typename W::Sum sum = 0;
  for (int l = 0; l < L; ++l) sum += sums[0][l];
  for (; p < size; ++p) sum += W::one(x[p]) * W::one(y[p]);
  return sum;
}

template <class W>
void column(const void* a, const void* b, void* c, int64_t rows, int64_t depth) {
  const auto* x = static_cast<const typename W::Input*>(a);
  const auto* y = static_cast<const typename W::Input*>(b);
  auto* z = static_cast<typename W::Sum*>(c);
  for (int64_t i = 0; i < rows; ++i) z[i] = dot<W>(x + i * depth, y, depth);
}

template <class W>
void thin(const void* a, int64_t a_stride, const void* b, int64_t b_stride, void* c, int64_t c_stride,
          int64_t rows, int64_t depth, int64_t columns) {
  const auto* x = static_cast<const typename W::Input*>(a);
  const auto* y = static_cast<const typename W::Input*>(b);
  auto* z = static_cast<typename W::Sum*>(c);
  switch (rows) {
    case 1:
      return thin_rows<W, 1>(x, a_stride, y, b_stride, z, c_stride, depth, columns);
    case 2:
      return thin_rows<W, 2>(x, a_stride, y, b_stride, z, c_stride, depth, columns);
    case 3:
      return thin_rows<W, 3>(x, a_stride, y, b_stride, z, c_stride, depth, columns);
    case 4:
      return thin_rows<W, 4>(x, a_stride, y, b_stride, z, c_stride, depth, columns);
  }
}

}  // namespace
}  // namespace breakeven::cpu
