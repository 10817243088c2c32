// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "cpu_ref/peak_chains.h"

namespace breakeven::cpu {
namespace {

struct Int8Step {
  using Vector = __m256i;
  static constexpr double kFlops = 64;
  __m256i a = _mm256_set1_epi32(0x5A5A5A5A), b = _mm256_set1_epi32(static_cast<int>(0xF30DF30D));  // 13, -13
  Int8Step() {
    BREAKEVEN_KEEP(a);
    BREAKEVEN_KEEP(b);
  }
  static Vector start() { return _mm256_setzero_si256(); }
  Vector apply(Vector x) const { return _mm256_dpbusd_avx_epi32(x, a, b); }
};

}  // namespace

PeakLoop avx_vnni_int8_loop() { return run_chains<Int8Step>; }

}  // namespace breakeven::cpu
