// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::emu {

/// How TMA and wgmma permute the 16-byte units of shared memory, so that the 8 rows of a column lie in
/// different banks. The bytes over which a row is permuted.
enum class Swizzle : uint8_t { none = 16, bytes_32 = 32, bytes_64 = 64, bytes_128 = 128 };

/// The place of the byte whose place without swizzle would be `address`. A function of the address in shared
/// memory itself, whatever the tile begins with: bits 4 to 6 are changed by bits 7 to 9 (fewer in the
/// narrower modes: units of 16 bytes within the span, by the number of the 128-byte line).
constexpr uint32_t swizzled(uint32_t address, Swizzle swizzle) {
  const uint32_t span = static_cast<uint32_t>(swizzle);
  return address ^ ((address >> 3) & (span - 16));
}

/// The bytes after which the pattern repeats: the alignment that makes a tile's own offsets the swizzled
/// ones.
constexpr uint32_t pattern_bytes(Swizzle swizzle) { return 8 * static_cast<uint32_t>(swizzle); }

}  // namespace breakeven::emu
