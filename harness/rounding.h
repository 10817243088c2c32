// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/philox.h"

// Conversions between fp32 and the narrow formats, on bit patterns and with integer arithmetic alone, so that
// every compiler, flag set and device produces the same bytes. All round to nearest, ties to even.

namespace breakeven {

/// fp32 bits -> bf16 bits (1 sign, 8 exponent, 7 mantissa). NaN stays NaN.
BREAKEVEN_HOST_DEVICE constexpr uint16_t to_bf16(uint32_t bits) {
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}
BREAKEVEN_HOST_DEVICE constexpr uint32_t from_bf16(uint16_t bits) {
  return static_cast<uint32_t>(bits) << 16;
}

/// fp32 bits -> the nearest fp32 with a 10-bit mantissa, which is what tf32 arithmetic reads. NaN stays NaN.
BREAKEVEN_HOST_DEVICE constexpr uint32_t to_tf32(uint32_t bits) {
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (bits | 0x400000u) & 0xFFFFE000u;
  return (bits + 0xFFFu + ((bits >> 13) & 1u)) & 0xFFFFE000u;
}

/// A small float with `mantissa_bits` and exponent bias `bias`, subnormals included; `top` is the pattern
/// that values beyond the largest finite one become (without sign). No branches, so that loops over it
/// vectorise.
BREAKEVEN_HOST_DEVICE constexpr uint32_t to_small_float(uint32_t bits, int mantissa_bits, int bias,
                                                        uint32_t top) {
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  const uint32_t mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;  // 24 significant bits
  const int exponent = static_cast<int>(magnitude >> 23) - 127 + bias;
  const int below = exponent < 1 ? 1 - exponent : 0;  // how far under the normal numbers
  const int most = 2 + mantissa_bits;                 // from there on every mantissa rounds to 0
  const int shift = 23 - mantissa_bits + (below > most ? most : below);
  const uint32_t nearly_half = (1u << (shift - 1)) - 1u + ((mantissa >> shift) & 1u);
  const uint32_t kept = (mantissa + nearly_half) >> shift;
  // A mantissa that rounds up to the next power of two carries into the exponent by itself.
  const uint32_t rounded = kept + (static_cast<uint32_t>(exponent < 1 ? 0 : exponent - 1) << mantissa_bits);
  return rounded > top ? top : rounded;
}

/// fp32 bits -> fp16 bits (1, 5, 10). Overflow gives infinity; NaN stays NaN.
BREAKEVEN_HOST_DEVICE constexpr uint16_t to_fp16(uint32_t bits) {
  const uint32_t sign = (bits >> 16) & 0x8000u, nan = (bits & 0x7FFFFFFFu) > 0x7F800000u ? 0x200u : 0u;
  return static_cast<uint16_t>(sign | to_small_float(bits, 10, 15, 0x7C00u) | nan);
}

/// fp32 bits -> fp8 e4m3 bits (1, 4, 3; no infinity). Overflow saturates at 448; NaN stays NaN.
BREAKEVEN_HOST_DEVICE constexpr uint8_t to_fp8e4m3(uint32_t bits) {
  const uint32_t sign = (bits >> 24) & 0x80u, nan = (bits & 0x7FFFFFFFu) > 0x7F800000u ? 0x1u : 0u;
  return static_cast<uint8_t>(sign | to_small_float(bits, 3, 7, 0x7Eu) | nan);
}

/// Small float bits (without sign) -> fp32 bits. Infinity and NaN patterns are the caller's business.
BREAKEVEN_HOST_DEVICE constexpr uint32_t from_small_float(uint32_t bits, int mantissa_bits, int bias) {
  uint32_t exponent = bits >> mantissa_bits, mantissa = bits & ((1u << mantissa_bits) - 1u);
  if (exponent == 0) {
    if (mantissa == 0) return 0;
    int shift = 0;
    while (!(mantissa & (1u << mantissa_bits))) mantissa <<= 1, ++shift;
    return (static_cast<uint32_t>(127 - bias + 1 - shift) << 23) |
           ((mantissa & ((1u << mantissa_bits) - 1u)) << (23 - mantissa_bits));
  }
  return (exponent + static_cast<uint32_t>(127 - bias)) << 23 | mantissa << (23 - mantissa_bits);
}
BREAKEVEN_HOST_DEVICE constexpr uint32_t from_fp16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16, magnitude = bits & 0x7FFFu;
  if (magnitude >= 0x7C00u) return sign | 0x7F800000u | (magnitude & 0x3FFu) << 13;
  return sign | from_small_float(magnitude, 10, 15);
}
BREAKEVEN_HOST_DEVICE constexpr uint32_t from_fp8e4m3(uint8_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x80u) << 24, magnitude = bits & 0x7Fu;
  if (magnitude == 0x7Fu) return sign | 0x7FC00000u;
  return sign | from_small_float(magnitude, 3, 7);
}

}  // namespace breakeven
