// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "cpu_ref/peak_chains.h"

namespace breakeven::cpu {
namespace {

struct Fp16Step {
  using Vector = __m512h;
  static constexpr double kFlops = 64;
  Vector a = _mm512_set1_ph(static_cast<_Float16>(0.75f)), b = _mm512_set1_ph(static_cast<_Float16>(0.25f));
  Fp16Step() {
    BREAKEVEN_KEEP(a);
    BREAKEVEN_KEEP(b);
  }
  static Vector start() { return _mm512_set1_ph(static_cast<_Float16>(0.5f)); }
  Vector apply(Vector x) const { return _mm512_fmadd_ph(x, a, b); }
};

}  // namespace

PeakLoop avx512_fp16_loop() { return run_chains<Fp16Step>; }

}  // namespace breakeven::cpu
