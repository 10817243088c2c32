// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "harness/rounding.h"

namespace breakeven::cpu {

/// double -> fp32 bits, rounded to odd: of the two neighbours the one with the odd last bit. A second
/// rounding to a narrower format then gives what one rounding would have given (Boldo and Melquiond 2008).
inline uint32_t to_odd_fp32(double value) {
  const float nearest = static_cast<float>(value);
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  if (static_cast<double>(nearest) == value || std::isnan(value)) return bits;
  if (std::abs(static_cast<double>(nearest)) > std::abs(value)) --bits;  // towards zero
  return bits | 1u;
}

/// The one rounding from the judge's doubles to an output element.
inline void round_to(double value, double* out) { *out = value; }
inline void round_to(double value, float* out) { *out = static_cast<float>(value); }
/// Beyond 2^52 a double's last bit is worth 1: the addition rounds to nearest even, and the integer stands in
/// the low bits of the pattern. A plain addition, so that loops over it become vector code.
inline void round_to(double value, int32_t* out) {
  *out = static_cast<int32_t>(std::bit_cast<int64_t>(value + 0x1.8p52));
}
struct Bf16 {
  uint16_t bits;
};
struct Fp16 {
  uint16_t bits;
};
inline void round_to(double value, Bf16* out) { out->bits = to_bf16(to_odd_fp32(value)); }
inline void round_to(double value, Fp16* out) { out->bits = to_fp16(to_odd_fp32(value)); }

}  // namespace breakeven::cpu
