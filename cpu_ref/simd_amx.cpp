// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

constexpr int kVectorBytes = 64;

#include "cpu_ref/amx_tiles.h"
#include "cpu_ref/simd_thin.h"
#include "cpu_ref/simd_unit.h"

// One instruction multiplies 16 rows of A by 16 columns of B over 64 bytes of k (32 bf16, 64 int8) and adds
// to 16 x 16 sums of 4 bytes.
//
// Tiles 0 to 3 are 32 x 32 sums; 4 and 5 hold rows of A, 6 and 7 columns of B: every load feeds two
// multiplications, which take twice as long as the load from L1.

namespace breakeven::cpu {
namespace {

constexpr int64_t kSide = 16, kRowBytes = 64, kTileBytes = kSide * kRowBytes;
constexpr int64_t kRows = 2 * kSide, kColumns = 2 * kSide;

/// Libraries on the same thread (oneDNN) configure tiles for themselves and release them: so does this, each
/// time.
void enter() { configure_tiles(kRowBytes); }
void leave() { _tile_release(); }

/// Panels of A: [k / step][2][16 rows][64 bytes of k], zero where the matrix ends.
template <int64_t kElement>
void pack_a(const void* from, int64_t stride, int64_t rows, int64_t depth, void* to) {
  const auto* a = static_cast<const char*>(from);
  auto* out = static_cast<char*>(to);
  const int64_t bytes = depth * kElement;
  for (int64_t at = 0; at < bytes; at += kRowBytes) {
    const int64_t left = bytes - at;
    const __mmask64 used = left >= kRowBytes ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
    for (int64_t i = 0; i < kRows; ++i, out += kRowBytes) {
      const __mmask64 inside = i < rows ? used : 0;
      _mm512_store_si512(out, _mm512_maskz_loadu_epi8(inside, a + i * stride * kElement + at));
    }
  }
}

/// Two rows of 32 bf16 -> pairs (k, k + 1) of columns 0 to 15, and of 16 to 31. (All by masked intrinsics:
/// g++ 12 warns about the others.)
struct Bf16Pairs {
  static constexpr int64_t kElement = 2, kGroup = 2;
  using Row = __m512i;
  static Row row(const char* b, int64_t columns) {
    const __mmask32 used = columns >= 32 ? ~__mmask32{0} : (__mmask32{1} << columns) - 1;
    return _mm512_maskz_loadu_epi16(used, b);
  }
  static Row nothing() { return _mm512_setzero_si512(); }
  static void interleave(const Row* rows, char* low, char* high) {
    alignas(64) static const uint16_t kFirst[32] = {0,  32, 1,  33, 2,  34, 3,  35, 4,  36, 5,
                                                    37, 6,  38, 7,  39, 8,  40, 9,  41, 10, 42,
                                                    11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
    const __m512i first = _mm512_load_si512(kFirst);
    const __m512i second = _mm512_add_epi16(first, _mm512_set1_epi16(16));
    _mm512_store_si512(low, _mm512_permutex2var_epi16(rows[0], first, rows[1]));
    _mm512_store_si512(high, _mm512_permutex2var_epi16(rows[0], second, rows[1]));
  }
};

/// Four rows of 32 int8 -> fours (k .. k + 3) of columns 0 to 15, and of 16 to 31.
struct Int8Fours {
  static constexpr int64_t kElement = 1, kGroup = 4;
  using Row = __m256i;
  static Row row(const char* b, int64_t columns) {
    const __mmask32 used = columns >= 32 ? ~__mmask32{0} : (__mmask32{1} << columns) - 1;
    return _mm256_maskz_loadu_epi8(used, b);
  }
  static Row nothing() { return _mm256_setzero_si256(); }
  static __m512i byte(__m128i columns, unsigned at) {
    return _mm512_maskz_slli_epi32(0xFFFF, _mm512_maskz_cvtepu8_epi32(0xFFFF, columns), 8 * at);
  }
  static __m512i fours(__m128i a, __m128i b, __m128i c, __m128i d) {
    return _mm512_or_si512(_mm512_or_si512(byte(a, 0), byte(b, 1)), _mm512_or_si512(byte(c, 2), byte(d, 3)));
  }
  static void interleave(const Row* rows, char* low, char* high) {
    const auto lower = [&](int r) { return _mm256_castsi256_si128(rows[r]); };
    const auto upper = [&](int r) { return _mm256_extracti128_si256(rows[r], 1); };
    _mm512_store_si512(low, fours(lower(0), lower(1), lower(2), lower(3)));
    _mm512_store_si512(high, fours(upper(0), upper(1), upper(2), upper(3)));
  }
};

/// Panels of B: [k / step][2][16 groups of k][16 columns][group], zero where the matrix ends.
template <class U>
void pack_b(const void* from, int64_t stride, int64_t depth, int64_t columns, void* to) {
  const auto* b = static_cast<const char*>(from);
  auto* out = static_cast<char*>(to);
  constexpr int64_t kStep = kSide * U::kGroup;
  for (int64_t p = 0; p < depth; p += kStep, out += 2 * kTileBytes) {
    for (int64_t g = 0; g < kSide; ++g) {
      typename U::Row rows[U::kGroup];
      for (int64_t r = 0; r < U::kGroup; ++r) {
        const int64_t k = p + g * U::kGroup + r;
        rows[r] = k < depth ? U::row(b + k * stride * U::kElement, columns) : U::nothing();
      }
      U::interleave(rows, out + g * kRowBytes, out + kTileBytes + g * kRowBytes);
    }
  }
}

struct Bf16Multiply {
  static constexpr int64_t kStep = 32;
  [[gnu::always_inline]] static void all_four() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
};
struct Int8Multiply {
  static constexpr int64_t kStep = 64;
  [[gnu::always_inline]] static void all_four() {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
};

template <class U>
void tile(int64_t depth, const void* a_strip, const void* b_strip, void* to, int64_t c_stride, Sum sum) {
  const auto* a = static_cast<const char*>(a_strip);
  const auto* b = static_cast<const char*>(b_strip);
  const int64_t line = c_stride * 4;
  char* const upper = static_cast<char*>(to);
  char* const lower = upper + kSide * line;
  publish(a);
  if (sum == Sum::begin) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, upper, line);
    _tile_loadd(1, upper + kRowBytes, line);
    _tile_loadd(2, lower, line);
    _tile_loadd(3, lower + kRowBytes, line);
  }
  for (int64_t p = 0; p < depth; p += U::kStep, a += 2 * kTileBytes, b += 2 * kTileBytes) {
    _tile_loadd(4, a, kRowBytes);
    _tile_loadd(6, b, kRowBytes);
    _tile_loadd(7, b + kTileBytes, kRowBytes);
    _tile_loadd(5, a + kTileBytes, kRowBytes);
    U::all_four();
  }
  _tile_stored(0, upper, line);
  _tile_stored(1, upper + kRowBytes, line);
  _tile_stored(2, lower, line);
  _tile_stored(3, lower + kRowBytes, line);
  publish(to);
}

/// 32 KiB a strip of B, which stays in L1 while the strips of A pass by from L2.
constexpr int64_t kStripBytes = 32 << 10;

template <class Multiply, class Pack, class Wide>
constexpr SimdUnit unit(const char* name) {
  return {.name = name,
          .rows = kRows,
          .columns = kColumns,
          .group = Multiply::kStep,  // panels hold whole tiles
          .block_depth = kStripBytes / kColumns / Pack::kElement,
          .packed_bytes = Pack::kElement,
          .b_trailer_bytes = 0,
          .sum_bytes = 4,
          .pack_a = pack_a<Pack::kElement>,
          .pack_b = pack_b<Pack>,
          .tile = tile<Multiply>,
          .thin = thin<Wide>,
          .column = column<Wide>,
          .enter = enter,
          .leave = leave};
}

constexpr SimdUnit kBf16 = unit<Bf16Multiply, Bf16Pairs, FromBf16>("AMX-BF16");
constexpr SimdUnit kInt8 = unit<Int8Multiply, Int8Fours, FromInt8>("AMX-INT8");

}  // namespace

SimdUnits amx_units() { return {.bf16 = &kBf16, .int8 = &kInt8}; }

}  // namespace breakeven::cpu
