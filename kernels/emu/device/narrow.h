// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "harness/precision.h"
#include "harness/rounding.h"

namespace breakeven::emu {

/// What the tensor cores read in an element of a matrix operand: the bits in memory as fp32 (int8: as a whole
/// number, which fp32 and the sums below hold exactly).
template <Precision P>
struct Operand;

template <>
struct Operand<Precision::bf16> {
  using Bits = uint16_t;
  static float value(Bits bits) { return std::bit_cast<float>(from_bf16(bits)); }
};
template <>
struct Operand<Precision::fp16> {
  using Bits = uint16_t;
  static float value(Bits bits) { return std::bit_cast<float>(from_fp16(bits)); }
};
template <>
struct Operand<Precision::tf32> {  // the low 13 bits are not looked at: truncation, no rounding
  using Bits = uint32_t;
  static float value(Bits bits) { return std::bit_cast<float>(bits & 0xFFFFE000u); }
};
template <>
struct Operand<Precision::fp8e4m3> {
  using Bits = uint8_t;
  static float value(Bits bits) { return std::bit_cast<float>(from_fp8e4m3(bits)); }
};
template <>
struct Operand<Precision::int8> {
  using Bits = uint8_t;
  static int32_t value(Bits bits) { return static_cast<int8_t>(bits); }
};
template <>
struct Operand<Precision::fp64> {
  using Bits = uint64_t;
  static double value(Bits bits) { return std::bit_cast<double>(bits); }
};

/// The type in which products are formed and added.
template <Precision P>
using Accumulator = decltype(Operand<P>::value(0));

/// Element `index` of packed `bytes`.
template <Precision P>
Accumulator<P> element(const void* bytes, int64_t index) {
  typename Operand<P>::Bits bits;
  std::memcpy(&bits, static_cast<const char*>(bytes) + index * static_cast<int64_t>(sizeof bits),
              sizeof bits);
  return Operand<P>::value(bits);
}

}  // namespace breakeven::emu
