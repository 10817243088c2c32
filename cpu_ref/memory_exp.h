// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_vector.h"

namespace breakeven::cpu {
namespace {

constexpr float kLog2E = 1.44269504088896341f;

/// e^x by Cephes' expf (Moshier; netlib.org/cephes, single/expf.c): x = n ln 2 + r with |r| <= ln 2 / 2, a
/// polynomial of degree 7 in r, times 2^n. Within 3 units in the last place (memory_unit_test.cpp). 0 below
/// e^-87.3, where results would be denormal; as at 88 above it.
inline Floats exponential(Floats x) {
#if defined(__AVX512F__)
  constexpr float kLeast = -110.0f;  // its power underflows by itself
#else
  constexpr float kLeast = -87.3f;
#endif
  constexpr float kMost = 88.0f;
  constexpr float kLn2High = 0.693359375f,
                  kLn2Low = -2.12194440e-4f;  // the product with n is exact for the first
  constexpr float kShift = 0x1.8p23f;         // an addition that rounds to an integer
  const Floats bounded = smaller(larger(x, all(kLeast)), all(kMost));
  const Floats shifted = bounded * kLog2E + kShift, n = shifted - kShift;
  const Floats r = (bounded - n * kLn2High) - n * kLn2Low;
  Floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_scalef_ps(kEveryLane, reinterpret_cast<__m512>(p), reinterpret_cast<__m512>(n)));
#else
  // n stands in the low bits of `shifted`; the rest of them is shifted out.
  const Floats scaled = floats(words(p) + (words(shifted) << 23));
  return x < kLeast ? Floats{} : scaled;
#endif
}

/// 2^t within 2^-21 of it, for exponents of e that were multiplied by log2 e before, which costs digits where
/// they are large: for results that are rounded to 16 bits. Two thirds of the time of exponential(). The
/// polynomial of degree 5 nearest to 2^r for 0 <= r < 1, times 2^floor(t). 0 where t is far below -126,
/// infinity (with less than AVX-512 some huge number) above 127.
inline Floats power_of_two(Floats t) {
#if defined(__AVX512F__)
  constexpr int kFloor = 0x09;  // what is left by rounding down, without exceptions
  const Floats r =
      reinterpret_cast<Floats>(_mm512_maskz_reduce_ps(kEveryLane, reinterpret_cast<__m512>(t), kFloor));
#else
  constexpr float kLeast = -125.5f, kMost = 127.0f, kShift = 0x1.8p23f;  // as in exponential()
  const Floats bounded = smaller(larger(t, all(kLeast)), all(kMost));
  const Floats shifted = (bounded - 0.5f) + kShift, r = bounded - (shifted - kShift);
#endif
  Floats p = r * 1.87757677e-3f + 8.98933988e-3f;
  p = p * r + 5.58263182e-2f;
  p = p * r + 2.40153617e-1f;
  p = p * r + 6.93153073e-1f;
  p = p * r + 9.99999925e-1f;
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_scalef_ps(kEveryLane, reinterpret_cast<__m512>(p), reinterpret_cast<__m512>(t)));
#else
  const Floats scaled = floats(words(p) + (words(shifted) << 23));
  return t < kLeast ? Floats{} : scaled;
#endif
}

}  // namespace
}  // namespace breakeven::cpu
