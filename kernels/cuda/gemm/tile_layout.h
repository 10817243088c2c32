// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/device/language.h"

// Where the 16-byte chunks of a tile lie in shared memory. It has 32 banks of 4 bytes, so one access of a
// warp covers 128 bytes: eight chunks come at once when they lie in the eight different columns of chunks,
// and one after the other when they lie in the same. Tensor cores want eight chunks from eight neighbouring
// rows.

namespace breakeven::cuda {

/// Rows of `row_bytes`, `pad` bytes between. With a distance of 16 bytes more than a multiple of 128 (or of
/// 64, 32: any odd number of chunks), the same column of eight rows falls into eight different columns of
/// chunks. Costs the padding. `pad` 0: as in device memory.
template <int row_bytes, int pad>
struct Padded {
  static constexpr int kRowBytes = row_bytes, kPitch = row_bytes + pad;
  static_assert(row_bytes % 16 == 0 && pad % 16 == 0);
  static __device__ constexpr int offset(int row, int chunk) { return row * kPitch + chunk * 16; }
};

/// Chunk c of row r stands at c xor (r mod 8): a permutation of each group of eight chunks, different in
/// eight neighbouring rows. Costs nothing but the care to use it on both sides.
template <int row_bytes>
struct Swizzled {
  static constexpr int kRowBytes = row_bytes, kPitch = row_bytes;
  static_assert(row_bytes % 128 == 0);
  static __device__ constexpr int offset(int row, int chunk) {
    return row * row_bytes + (chunk ^ (row & 7)) * 16;
  }
};

}  // namespace breakeven::cuda
