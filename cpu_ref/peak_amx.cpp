// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "cpu_ref/amx_tiles.h"
#include "cpu_ref/peak_loops.h"

namespace breakeven::cpu {
namespace {

constexpr int kTileRows = 16, kTileRowBytes = 64;

/// Configures the tiles of this thread and fills the operands: tiles 4 and 5 with `left`, 6 and 7 with
/// `right`.
void set_up_tiles(uint32_t left, uint32_t right) {
  configure_tiles(kTileRowBytes);
  alignas(64) uint32_t x[kTileRows * kTileRowBytes / 4], y[kTileRows * kTileRowBytes / 4];
  for (uint32_t& word : x) word = left;
  for (uint32_t& word : y) word = right;
  publish(x);
  publish(y);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, x, kTileRowBytes);
  _tile_loadd(5, x, kTileRowBytes);
  _tile_loadd(6, y, kTileRowBytes);
  _tile_loadd(7, y, kTileRowBytes);
}

// Four accumulators from two by two operands, as a GEMM has them. Neighbours of opposite sign: every step
// adds 0.
double bf16_loop(int64_t rounds) {
  set_up_tiles(0x3F803F80u, 0xBF803F80u);  // 1,1 and 1,-1
  for (int64_t r = 0; r < rounds; ++r) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 2 * 16 * 16 * 32;
}

double int8_loop(int64_t rounds) {
  set_up_tiles(0x5A5A5A5Au, 0xF30DF30Du);  // 90 and 13,-13
  for (int64_t r = 0; r < rounds; ++r) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 2 * 16 * 16 * 64;
}

}  // namespace

PeakLoop amx_bf16_loop() { return bf16_loop; }
PeakLoop amx_int8_loop() { return int8_loop; }

}  // namespace breakeven::cpu
