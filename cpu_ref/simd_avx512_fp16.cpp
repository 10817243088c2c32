// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

constexpr int kVectorBytes = 64;

#include "cpu_ref/simd_thin.h"
#include "cpu_ref/simd_unit.h"

// VFMADDPH: 32 products and additions of fp16 at once, but the sum is fp16 too: no wide accumulator. After 16
// products, while its round-offs are few, a sum is promoted and added to one in fp32.

namespace breakeven::cpu {
namespace {

constexpr int kRows = 12, kVectors = 2, kColumns = kVectors * 32;
constexpr int64_t kPromoteAfter = 16;

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

/// [k][rows], every element twice: a broadcast of 32 bits costs less than one of 16.
void pack_a(const void* from, int64_t stride, int64_t rows, int64_t depth, void* to) {
  const auto* a = static_cast<const uint16_t*>(from);
  auto* out = static_cast<uint32_t*>(to);
  for (int64_t p = 0; p < depth; ++p) {
    for (int64_t i = 0; i < kRows; ++i) *out++ = i < rows ? a[i * stride + p] * 0x10001u : 0;
  }
}

/// [k][columns], the first half of what the strip has room for.
void pack_b(const void* from, int64_t stride, int64_t depth, int64_t columns, void* to) {
  const auto* b = static_cast<const uint16_t*>(from);
  auto* out = static_cast<uint16_t*>(to);
  for (int64_t p = 0; p < depth; ++p, out += kColumns) {
    for (int64_t j = 0; j < kColumns; j += 32) {
      const int64_t left = columns - j;
      const __mmask32 used = left >= 32 ? ~__mmask32{0} : left > 0 ? (__mmask32{1} << left) - 1 : 0;
      _mm512_storeu_si512(out + j, _mm512_maskz_loadu_epi16(used, b + p * stride + j));
    }
  }
}

void promote(__m512h sum, float* to) {
  const __m512i bits = _mm512_castph_si512(sum);
  for (int half = 0; half < 2; ++half) {
    const __m256i part = half == 0 ? _mm512_maskz_extracti64x4_epi64(0xFF, bits, 0)
                                   : _mm512_maskz_extracti64x4_epi64(0xFF, bits, 1);
    const __m512 wide = _mm512_maskz_cvtph_ps(0xFFFF, part);
    _mm512_store_ps(to + 16 * half, _mm512_add_ps(_mm512_load_ps(to + 16 * half), wide));
  }
}

/// At most kPromoteAfter products on top of `sums`.
void some_products(int64_t depth, const uint32_t* a, const uint16_t* b, float (*sums)[kColumns]) {
  __m512h acc[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) acc[i][j] = _mm512_castsi512_ph(_mm512_setzero_si512());
  }
  for (int64_t p = 0; p < depth; ++p, a += kRows, b += kColumns) {
    const __m512h first = _mm512_castsi512_ph(_mm512_loadu_si512(b)),
                  second = _mm512_castsi512_ph(_mm512_loadu_si512(b + 32));
#pragma GCC unroll 12
    for (int i = 0; i < kRows; ++i) {
      const __m512h factor = _mm512_castsi512_ph(_mm512_set1_epi32(static_cast<int>(a[i])));
      acc[i][0] = _mm512_fmadd_ph(factor, first, acc[i][0]);
      acc[i][1] = _mm512_fmadd_ph(factor, second, acc[i][1]);
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i) {
    promote(acc[i][0], sums[i]);
    promote(acc[i][1], sums[i] + 32);
  }
}

void tile(int64_t depth, const void* a_strip, const void* b_strip, void* to, int64_t c_stride, Sum sum) {
  const auto* a = static_cast<const uint32_t*>(a_strip);
  const auto* b = static_cast<const uint16_t*>(b_strip);
  auto* c = static_cast<float*>(to);
  alignas(64) float sums[kRows][kColumns] = {};
  for (int64_t p = 0; p < depth; p += kPromoteAfter) {
    const int64_t some = depth - p < kPromoteAfter ? depth - p : kPromoteAfter;
    some_products(some, a + p * kRows, b + p * kColumns, sums);
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; j += 16) {
      float* out = c + i * c_stride + j;
      const __m512 ours = _mm512_load_ps(sums[i] + j);
      _mm512_storeu_ps(out, sum == Sum::begin ? ours : _mm512_add_ps(_mm512_loadu_ps(out), ours));
    }
  }
}

void to_fp16(const float* sums, int64_t count, uint16_t* out) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  for (int64_t i = 0; i < count; i += 16) {
    const __mmask16 used = static_cast<__mmask16>(count - i >= 16 ? 0xFFFF : (1u << (count - i)) - 1);
    _mm256_mask_storeu_epi16(out + i, used,
                             _mm512_maskz_cvtps_ph(used, _mm512_maskz_loadu_ps(used, sums + i), kNearest));
  }
}

constexpr SimdUnit kFp16 = {.name = "AVX512_FP16, promoted to fp32 after 16 products",
                            .rows = kRows,
                            .columns = kColumns,
                            .group = 1,
                            .block_depth = 320,
                            .packed_bytes = 4,
                            .b_trailer_bytes = 0,
                            .sum_bytes = 4,
                            .pack_a = pack_a,
                            .pack_b = pack_b,
                            .tile = tile,
                            .thin = thin<FromFp16>,  // bound by memory: widened, which is more accurate
                            .column = column<FromFp16>,
                            .narrow = to_fp16};

}  // namespace

SimdUnits avx512_fp16_units() { return {.fp16 = &kFp16}; }

}  // namespace breakeven::cpu
