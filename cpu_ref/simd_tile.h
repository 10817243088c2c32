// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/simd_pack.h"
#include "cpu_ref/simd_thin.h"
#include "cpu_ref/simd_unit.h"

// Included by one source file per instruction set; see simd_widen.h for the trap.

namespace breakeven::cpu {
namespace {

/// A register tile of Rows x Vectors that multiplies and adds lane by lane; inputs are widened when packed.
template <class From, int Rows, int Vectors>
struct MultiplyAdd {
  using Wide = From;
  using Packed = typename From::Sum;
  using Lane = Packed;  // what one broadcast of A delivers: `kGroup` elements
  using Vector = typename From::Vector;
  static constexpr int kRows = Rows, kVectors = Vectors, kGroup = 1;
  static constexpr int64_t kTrailer = 0;
  static Packed pack_a(typename From::Input x) { return From::one(x); }
  static Packed pack_b(typename From::Input x) { return From::one(x); }
  static Vector add(Vector sum, Lane a, Vector b) { return sum + a * b; }
  static Vector start(const Vector*) { return Vector{}; }
};

/// Rows x Vectors accumulators live in registers over the whole strip; per step, Vectors loads of B and one
/// broadcast of A feed Rows * Vectors multiply-adds.
template <class U>
void tile(int64_t depth, const void* a_strip, const void* b_strip, void* to, int64_t c_stride, Sum sum) {
  constexpr int R = U::kRows, N = U::kVectors, L = kLanes<U>;
  using Vector = typename U::Vector;
  const auto* a = static_cast<const typename U::Lane*>(a_strip);
  const auto* b = static_cast<const Vector*>(b_strip);
  auto* c = static_cast<typename U::Wide::Sum*>(to);
  const int64_t groups = (depth + U::kGroup - 1) / U::kGroup;
  Vector acc[R][N];
  for (int i = 0; i < R; ++i) {
    __builtin_prefetch(c + i * c_stride, 1);
    for (int j = 0; j < N; ++j) acc[i][j] = U::start(b + groups * N + j);
  }
  for (int64_t g = 0; g < groups; ++g, a += R, b += N) {
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < N; ++j) acc[i][j] = U::add(acc[i][j], a[i], b[j]);
    }
  }
  for (int i = 0; i < R; ++i) {
    for (int j = 0; j < N; ++j) {
      auto* out = c + i * c_stride + j * L;
      store(sum == Sum::begin ? acc[i][j] : load<Vector>(out) + acc[i][j], out);
    }
  }
}

// Per step in k a strip of B is 128 bytes on AVX-512 (less elsewhere): 320 steps are 40 KiB, which stays in
// L1 or next to it while the strips of A pass by.
constexpr int64_t kSteps = 320;

template <class U>
constexpr SimdUnit unit(const char* name) {
  return {.name = name,
          .rows = U::kRows,
          .columns = U::kVectors * kLanes<U>,
          .group = U::kGroup,
          .block_depth = kSteps * U::kGroup,
          .packed_bytes = sizeof(typename U::Packed),
          .b_trailer_bytes = U::kTrailer,
          .sum_bytes = sizeof(typename U::Wide::Sum),
          .pack_a = pack_a<U>,
          .pack_b = pack_b<U>,
          .tile = tile<U>,
          .thin = thin<typename U::Wide>,
          .column = column<typename U::Wide>};
}

}  // namespace
}  // namespace breakeven::cpu
