// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <initializer_list>

// AMX: eight tile registers of 16 rows of 64 bytes (Intel SDM, volume 1, chapter 18). For files compiled for
// it alone, on threads of a process that may use it (cpu_features.h).

namespace breakeven::cpu {

struct alignas(64) TileConfiguration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfiguration) == 64);

/// The trap: g++ 12's tile intrinsics do not say that they read and write memory.
inline void publish(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

/// Tiles 0 to 3 are 16 x 16 sums; 4 and 5 hold rows of A of `row_bytes`, 6 and 7 as many bytes of columns of
/// B.
inline void configure_tiles(int row_bytes) {
  TileConfiguration configuration;
  for (int tile = 0; tile < 8; ++tile) {
    configuration.row_bytes[tile] = 64;
    configuration.rows[tile] = 16;
  }
  for (const int a : {4, 5}) configuration.row_bytes[a] = static_cast<uint16_t>(row_bytes);
  for (const int b : {6, 7}) configuration.rows[b] = static_cast<uint8_t>(row_bytes / 4);
  publish(&configuration);
  _tile_loadconfig(&configuration);
}

}  // namespace breakeven::cpu
