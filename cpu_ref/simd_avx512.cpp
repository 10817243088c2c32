// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

constexpr int kVectorBytes = 64;

#include "cpu_ref/simd_tile.h"

namespace breakeven::cpu {
namespace {

/// VCVTPH2PS: exact, subnormals included whatever MXCSR says.
struct FromFp16 {
  using Input = uint16_t;
  using Sum = float;
  using Vector = VectorOf<float>::type;
  static float one(uint16_t x) { return _cvtsh_ss(x); }
  static Vector many(const uint16_t* x) {
    return (Vector)_mm512_maskz_cvtph_ps(0xFFFF, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
  }
};

void to_fp16(const float* sums, int64_t count, uint16_t* out) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  for (int64_t i = 0; i < count; i += 16) {
    const __mmask16 used = static_cast<__mmask16>(count - i >= 16 ? 0xFFFF : (1u << (count - i)) - 1);
    _mm256_mask_storeu_epi16(out + i, used,
                             _mm512_maskz_cvtps_ph(used, _mm512_maskz_loadu_ps(used, sums + i), kNearest));
  }
}

constexpr SimdUnit fp16_unit() {
  SimdUnit made = unit<MultiplyAdd<FromFp16, 14, 2>>("AVX-512 FMA, widened to fp32");
  made.narrow = to_fp16;
  return made;
}

// 28 accumulators, two vectors of B and a broadcast fill the 32 registers.
constexpr SimdUnit kFp64 = unit<MultiplyAdd<AsGiven<double>, 14, 2>>("AVX-512 FMA");
constexpr SimdUnit kFp32 = unit<MultiplyAdd<AsGiven<float>, 14, 2>>("AVX-512 FMA");
constexpr SimdUnit kBf16 = unit<MultiplyAdd<FromBf16, 14, 2>>("AVX-512 FMA, widened to fp32");
constexpr SimdUnit kInt8 = unit<MultiplyAdd<FromInt8, 14, 2>>("AVX-512, widened to int32");
constexpr SimdUnit kFp16 = fp16_unit();

}  // namespace

SimdUnits avx512_units() { return {&kFp64, &kFp32, &kBf16, &kInt8, &kFp16}; }

}  // namespace breakeven::cpu
