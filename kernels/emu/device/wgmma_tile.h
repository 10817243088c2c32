// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/emu/async.h"
#include "kernels/emu/device/wgmma.h"

// The arithmetic of wgmma: operands found by their descriptors, decoded, multiplied.

namespace breakeven::emu {

inline constexpr int kWgmmaRows = 64, kWgmmaThreads = 128, kMostColumns = 256;

/// 64 x n sums as bits (fp32 or int32), row by row.
using Sums = std::vector<uint32_t>;

/// Reads A and B from `block`'s shared memory on behalf of `op`, and makes sums = A B (+ sums).
/// Sums in fp32, one product after the other in k. Hardware adds several at once and cuts off bits, of fp8
/// all beyond about 14: that is not imitated, and a tolerance must leave room for it.
void wgmma_multiply(AsyncOp& op, Block& block, WgmmaShape, uint64_t a, uint64_t b, Accumulate, Sums& sums);

/// Where thread `thread` of the warpgroup holds its i-th accumulator, in row-major sums with n columns.
constexpr int wgmma_place(int thread, int i, int n) {
  const int warp = thread / 32, lane = thread % 32;
  const int row = 16 * warp + lane / 4 + 8 * (i / 2 % 2), column = 8 * (i / 4) + 2 * (lane % 4) + i % 2;
  return row * n + column;
}

}  // namespace breakeven::emu
