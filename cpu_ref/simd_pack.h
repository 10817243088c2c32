// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/simd_widen.h"

namespace breakeven::cpu {
namespace {

template <class U>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(typename U::Wide::Sum));

template <class U>
void pack_a(const void* from, int64_t stride, int64_t rows, int64_t depth, void* to) {
  constexpr int R = U::kRows, G = U::kGroup;
  const auto* a = static_cast<const typename U::Wide::Input*>(from);
  auto* out = static_cast<typename U::Packed*>(to);
  const int64_t whole = rows == R ? depth / G * G : 0, padded = (depth + G - 1) / G * G;
  for (int64_t p = 0; p < whole; p += G) {
    for (int i = 0; i < R; ++i) {
      for (int g = 0; g < G; ++g) out[p * R + i * G + g] = U::pack_a(a[i * stride + p + g]);
    }
  }
  for (int64_t p = whole; p < padded; p += G) {
    for (int i = 0; i < R; ++i) {
      for (int g = 0; g < G; ++g) {
        const bool inside = i < rows && p + g < depth;
        out[p * R + i * G + g] = inside ? U::pack_a(a[i * stride + p + g]) : typename U::Packed{};
      }
    }
  }
}

template <class U>
void pack_b(const void* from, int64_t stride, int64_t depth, int64_t columns, void* to) {
  constexpr int C = U::kVectors * kLanes<U>, G = U::kGroup;
  const auto* b = static_cast<const typename U::Wide::Input*>(from);
  auto* out = static_cast<typename U::Packed*>(to);
  const int64_t whole = columns == C ? depth / G * G : 0, padded = (depth + G - 1) / G * G;
  if constexpr (G == 1) {  // widened many at a time
    for (int64_t p = 0; p < whole; ++p) {
      for (int j = 0; j < C; j += kLanes<U>) store(U::Wide::many(b + p * stride + j), out + p * C + j);
    }
  }
  for (int64_t p = G == 1 ? whole : 0; p < whole; p += G) {
    for (int j = 0; j < C; ++j) {
      for (int g = 0; g < G; ++g) out[p * C + j * G + g] = U::pack_b(b[(p + g) * stride + j]);
    }
  }
  for (int64_t p = whole; p < padded; p += G) {
    for (int j = 0; j < C; ++j) {
      for (int g = 0; g < G; ++g) {
        const bool inside = j < columns && p + g < depth;
        out[p * C + j * G + g] = inside ? U::pack_b(b[(p + g) * stride + j]) : typename U::Packed{};
      }
    }
  }
  if constexpr (U::kTrailer > 0) U::trailer(out, padded / G, out + padded * C);
}

}  // namespace
}  // namespace breakeven::cpu
