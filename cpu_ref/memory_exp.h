// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_vector.h"

namespace breakeven::cpu {
namespace {

constexpr float kLog2E = 1.44269504088896341f;

/// `bounded` less n ln 2. In one step where there is one that does not round the product; else ln 2 in two
/// parts, of which the first one's product with n is exact. Not left to the compiler, which need not fuse.
inline Floats less_ln2(Floats bounded, Floats n) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_fnmadd_ps(reinterpret_cast<__m512>(n), _mm512_set1_ps(0.693147181f),
                                                   reinterpret_cast<__m512>(bounded)));
#elif defined(__FMA__)
  return reinterpret_cast<Floats>(_mm256_fnmadd_ps(reinterpret_cast<__m256>(n), _mm256_set1_ps(0.693147181f),
                                                   reinterpret_cast<__m256>(bounded)));
#else
  return (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
#endif
}

/// e^x for x <= 88: x = n ln 2 + r with |r| <= ln 2 / 2, times 2^n the polynomial of degree 5 nearest to e^r
/// that is 1 at 0 (least relative error: 2^-23.4). Within 4 units in the last place (memory_unit_test.cpp). 0
/// below e^-87.3, where results would be denormal.
inline Floats exponential(Floats x) {
#if defined(__AVX512F__)
  constexpr float kLeast = -110.0f;  // its power underflows by itself
#else
  constexpr float kLeast = -87.3f;
#endif
  constexpr float kShift = 0x1.8p23f;             // an addition that rounds to an integer
  const Floats bounded = larger(all(kLeast), x);  // in this order, NaN stays
  const Floats shifted = bounded * kLog2E + kShift, n = shifted - kShift, r = less_ln2(bounded, n);
  Floats p = r * 8.2903067e-3f + 4.1897975e-2f;
  p = p * r + 1.6667637e-1f;
  p = p * r + 4.9999151e-1f;
  p = p * r + 9.9999970e-1f;
  p = p * r + 1.0f;
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_scalef_ps(kEveryLane, reinterpret_cast<__m512>(p), reinterpret_cast<__m512>(n)));
#else
  // n stands in the low bits of `shifted`; the rest of them is shifted out.
  const Floats scaled = floats(words(p) + (words(shifted) << 23));
  return x < kLeast ? Floats{} : x == x ? scaled : x;
#endif
}

/// 2^t within 2^-18 of it, for exponents of e that were multiplied by log2 e before, which costs digits where
/// they are large: for results that are rounded to bf16, or come of few such powers and are rounded to fp16.
/// The polynomial of degree 4 nearest to 2^r for 0 <= r < 1, times 2^floor(t). 0 where t is far below -126,
/// infinity (with less than AVX-512 some huge number) above 127.
inline Floats power_of_two(Floats t) {
#if defined(__AVX512F__)
  constexpr int kFloor = 0x09;  // what is left by rounding down, without exceptions
  const Floats r =
      reinterpret_cast<Floats>(_mm512_maskz_reduce_ps(kEveryLane, reinterpret_cast<__m512>(t), kFloor));
#else
  constexpr float kLeast = -125.5f, kMost = 127.0f, kShift = 0x1.8p23f;  // as in exponential()
  const Floats bounded = smaller(all(kMost), larger(all(kLeast), t));
  const Floats shifted = (bounded - 0.5f) + kShift, r = bounded - (shifted - kShift);
#endif
  Floats p = r * 1.35341678e-2f + 5.20114601e-2f;
  p = p * r + 2.41442755e-1f;
  p = p * r + 6.93003833e-1f;
  p = p * r + 1.00000262f;
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_scalef_ps(kEveryLane, reinterpret_cast<__m512>(p), reinterpret_cast<__m512>(t)));
#else
  const Floats scaled = floats(words(p) + (words(shifted) << 23));
  return t < kLeast ? Floats{} : t == t ? scaled : t;
#endif
}

}  // namespace
}  // namespace breakeven::cpu
