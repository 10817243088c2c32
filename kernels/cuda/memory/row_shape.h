// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/row.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

// Which team takes a row, and how much of it a thread keeps in registers.

namespace breakeven::cuda {

inline constexpr int kMostKept = 24;       // elements per thread of 1024, in fp32: of 64 registers
inline constexpr int kLongThreads = 1024;  // of a block whose row does not fit its registers

/// Threads of a block and elements that each keeps; 0 kept: the row is longer than that, and is read again
/// for every pass.
struct RowShape {
  Team team;
  int kept;
  device::Shape launch;
};

/// Registers for 16 elements leave room for two blocks of 1024 threads, so that one loads while the other
/// reduces. A row that begins inside a 16-byte part needs up to one part more.
template <class T>
RowShape row_shape(int64_t rows, int64_t columns) {
  const int64_t needed = columns + (columns % kEach<T> != 0 ? kEach<T> - 1 : 0);
  for (const int kept : {8, 16, 32}) {
    if (needed > 32 * kept) continue;
    return {
        Team::warp, kept, {.grid = block_count((rows + kRowWarps - 1) / kRowWarps), .block = 32 * kRowWarps}};
  }
  for (const int threads : {128, 256, 512, 1024}) {
    if (needed <= int64_t{threads} * 16) {
      return {Team::block, 16, {.grid = block_count(rows), .block = static_cast<unsigned>(threads)}};
    }
  }
  const int kept = needed <= int64_t{kLongThreads} * kMostKept ? kMostKept : 0;
  return {Team::block, kept, {.grid = block_count(rows), .block = kLongThreads}};
}

/// f.operator()<team, kept>() of the shape.
template <class F>
void with_row_shape(const RowShape& shape, const F& f) {
  if (shape.team == Team::warp) {
    if (shape.kept == 8) return f.template operator()<Team::warp, 8>();
    if (shape.kept == 16) return f.template operator()<Team::warp, 16>();
    return f.template operator()<Team::warp, 32>();
  }
  if (shape.kept == 16) return f.template operator()<Team::block, 16>();
  if (shape.kept == kMostKept) return f.template operator()<Team::block, kMostKept>();
  return f.template operator()<Team::block, 0>();
}

/// For __launch_bounds__.
template <Team team>
constexpr int most_threads() {
  return team == Team::warp ? 32 * kRowWarps : kLongThreads;
}

}  // namespace breakeven::cuda
