// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include <cstdint>

// AMX: eight tile registers of 16 rows of 64 bytes (Intel SDM, volume 1, chapter 18). For files compiled for it
// alone, on threads of a process that may use it (cpu_features.h).

namespace breakeven::cpu {
namespace {

struct alignas(64) TileConfiguration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfiguration) == 64);

/// The trap: g++ 12's tile intrinsics do not say that they read and write memory.
[[gnu::always_inline]] inline void publish(const void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

/// Eight tiles of 16 rows of 64 bytes, for this thread until _tile_release. Libraries on the same thread
/// configure tiles for themselves.
inline void configure_tiles() {
  TileConfiguration configuration;
  for (int tile = 0; tile < 8; ++tile) {
    configuration.row_bytes[tile] = 64;
    configuration.rows[tile] = 16;
  }
  publish(&configuration);
  _tile_loadconfig(&configuration);
}

}  // namespace
}  // namespace breakeven::cpu
