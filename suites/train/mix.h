// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::train {

/// A hash of a word, every bit of which depends on every bit (Wellons' "lowbias32"): fixed properties of a
/// cell or an id, where a draw would depend on the order of asking.
constexpr uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

}  // namespace breakeven::train
