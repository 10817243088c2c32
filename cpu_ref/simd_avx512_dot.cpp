// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

constexpr int kVectorBytes = 64;

#include "cpu_ref/simd_tile.h"

namespace breakeven::cpu {
namespace {

/// VDPBF16PS: two neighbours in k multiplied and added to an fp32 lane.
struct Bf16Dot {
  using Wide = FromBf16;
  using Packed = uint16_t;
  using Lane = int32_t;
  using Vector = VectorOf<float>::type;
  static constexpr int kRows = 14, kVectors = 2, kGroup = 2;
  static constexpr int64_t kTrailer = 0;
  static uint16_t pack_a(uint16_t x) { return x; }
  static uint16_t pack_b(uint16_t x) { return x; }
  static Vector add(Vector sum, Lane a, Vector b) {
    return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(a), (__m512bh)b);
  }
  static Vector start(const Vector*) { return Vector{}; }
};

/// VPDPBUSD: four neighbours in k, but A unsigned. A is packed as a + 128, and the sum starts at -128 times
/// the column sum of B, which pack_b leaves behind each strip.
struct Int8Dot {
  using Wide = FromInt8;
  using Packed = int8_t;
  using Lane = int32_t;
  using Vector = VectorOf<int32_t>::type;
  static constexpr int kRows = 14, kVectors = 2, kGroup = 4;
  static constexpr int64_t kTrailer = kVectors * kVectorBytes;
  static int8_t pack_a(int8_t x) { return static_cast<int8_t>(x ^ 0x80); }
  static int8_t pack_b(int8_t x) { return x; }
  static Vector add(Vector sum, Lane a, Vector b) {
    return (Vector)_mm512_dpbusd_epi32((__m512i)sum, _mm512_set1_epi32(a), (__m512i)b);
  }
  static Vector start(const Vector* trailer) { return *trailer; }
  static void trailer(const int8_t* strip, int64_t groups, int8_t* out) {
    constexpr int kColumns = kVectors * kVectorBytes / 4;
    auto* start = reinterpret_cast<int32_t*>(out);
    for (int j = 0; j < kColumns; ++j) start[j] = 0;
    for (int64_t g = 0; g < groups; ++g, strip += 4 * kColumns) {
      for (int j = 0; j < kColumns; ++j) {
        start[j] -= 128 * (strip[4 * j] + strip[4 * j + 1] + strip[4 * j + 2] + strip[4 * j + 3]);
      }
    }
  }
};

constexpr SimdUnit kBf16 = unit<Bf16Dot>("AVX512_BF16");
constexpr SimdUnit kInt8 = unit<Int8Dot>("AVX512_VNNI");

}  // namespace

SimdUnits avx512_dot_units() { return {.bf16 = &kBf16, .int8 = &kInt8}; }

}  // namespace breakeven::cpu
