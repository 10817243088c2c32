// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/simd_unit.h"

#include "cpu_ref/cpu_features.h"

namespace breakeven::cpu {

SimdUnits widening_units() {
#if defined(__x86_64__)
  if (has(Feature::avx512)) return avx512_units();
  if (has(Feature::avx2_fma)) return avx2_units();
#endif
  return portable_units();
}

SimdUnits best_units() {
  SimdUnits units = widening_units();
#if defined(__x86_64__)
  if (has(Feature::avx512_bf16)) units.bf16 = avx512_dot_units().bf16;
  if (has(Feature::avx512_vnni)) units.int8 = avx512_dot_units().int8;
#endif
  return units;
}

}  // namespace breakeven::cpu
