// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/philox.h"
#include "harness/rounding.h"

// The value of element `index` of operand `stream` under `seed`: uniform on [-1, 1) (int8: on -127..127),
// made with integer arithmetic and exact conversions alone. Narrow formats are the fp32 value rounded once,
// so all precisions see the same numbers as nearly as they can. Callable on the host and on a GPU.

namespace breakeven {

/// The random word behind element `index` of a stream of 32-bit draws.
BREAKEVEN_HOST_DEVICE constexpr uint32_t uniform_word(uint64_t seed, uint64_t stream, uint64_t index) {
  return philox(seed, index / 4, stream).word[index % 4];
}

/// Word -> fp32 in [-1, 1): a signed 24-bit integer over 2^23. The conversion and the scaling are exact, so
/// the bits do not depend on compiler, rounding mode or device.
BREAKEVEN_HOST_DEVICE constexpr float uniform_fp32(uint32_t word) {
  return static_cast<float>(static_cast<int32_t>(word >> 8) - 0x800000) * 0x1p-23f;
}

/// Two words -> fp64 in [-1, 1): a signed 53-bit integer over 2^52, exact likewise.
BREAKEVEN_HOST_DEVICE constexpr double uniform_fp64(uint32_t high, uint32_t low) {
  const uint64_t draw = (static_cast<uint64_t>(high) << 32 | low) >> 11;
  return static_cast<double>(static_cast<int64_t>(draw) - (int64_t{1} << 52)) * 0x1p-52;
}

/// Word -> an integer uniform on -127..127 (symmetric quantisation never uses -128).
BREAKEVEN_HOST_DEVICE constexpr int8_t uniform_int8(uint32_t word) {
  return static_cast<int8_t>(static_cast<int>((static_cast<uint64_t>(word) * 255u) >> 32) - 127);
}

}  // namespace breakeven
