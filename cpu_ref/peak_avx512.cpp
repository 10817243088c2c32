// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "cpu_ref/peak_chains.h"

namespace breakeven::cpu {
namespace {

/// Neighbours of opposite sign: every step adds 0, so that sums stay where they are.
struct Bf16Step {
  using Vector = __m512;
  static constexpr double kFlops = 64;
  __m512i a = _mm512_set1_epi32(0x3F803F80),
          b = _mm512_set1_epi32(static_cast<int>(0xBF803F80));  // 1,1 and 1,-1
  Bf16Step() {
    BREAKEVEN_KEEP(a);
    BREAKEVEN_KEEP(b);
  }
  static Vector start() { return _mm512_setzero_ps(); }
  Vector apply(Vector x) const { return _mm512_dpbf16_ps(x, (__m512bh)a, (__m512bh)b); }
};

struct Int8Step {
  using Vector = __m512i;
  static constexpr double kFlops = 128;
  __m512i a = _mm512_set1_epi32(0x5A5A5A5A), b = _mm512_set1_epi32(static_cast<int>(0xF30DF30D));  // 13, -13
  Int8Step() {
    BREAKEVEN_KEEP(a);
    BREAKEVEN_KEEP(b);
  }
  static Vector start() { return _mm512_setzero_si512(); }
  Vector apply(Vector x) const { return _mm512_dpbusd_epi32(x, a, b); }
};

}  // namespace

PeakLoop avx512_fp64_loop() { return run_chains<MultiplyAddStep<double, 64>>; }
PeakLoop avx512_fp32_loop() { return run_chains<MultiplyAddStep<float, 64>>; }
PeakLoop avx512_bf16_loop() { return run_chains<Bf16Step>; }
PeakLoop avx512_int8_loop() { return run_chains<Int8Step>; }

}  // namespace breakeven::cpu
