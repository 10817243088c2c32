// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Small products in a thread's caches, for attention: all sizes whole numbers of tiles, zeros behind what
// there is.

namespace breakeven::cpu {
namespace {

#if defined(__AVX512F__)
constexpr int kTileRows = 8;  // of 32 registers
#else
constexpr int kTileRows = 4;
#endif

/// a[i, k] stands at data[i * row + k * step].
struct Left {
  const float* data;
  int64_t row, step;
};
struct Right {
  const float* data;
  int64_t pitch;
};
struct Made {
  float* data;
  int64_t pitch;
};
enum class Sum : uint8_t { fresh, added };

template <int kVectors, Sum kSum>
void product_tile(Left a, Right b, Made c, int64_t depth) {
  Floats sums[kTileRows][kVectors];
  for (int i = 0; i < kTileRows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      sums[i][v] = kSum == Sum::added ? floats_at(c.data + i * c.pitch + v * kLanes) : Floats{};
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Floats right[kVectors];
    for (int v = 0; v < kVectors; ++v) right[v] = floats_at(b.data + k * b.pitch + v * kLanes);
    for (int i = 0; i < kTileRows; ++i) {
      const Floats left = all(a.data[i * a.row + k * a.step]);
      for (int v = 0; v < kVectors; ++v) sums[i][v] += left * right[v];
    }
  }
  for (int i = 0; i < kTileRows; ++i) {
    for (int v = 0; v < kVectors; ++v) store(sums[i][v], c.data + i * c.pitch + v * kLanes);
  }
}

/// c (+)= a b; rows, columns: multiples of 16.
template <Sum kSum>
void product(Left a, Right b, Made c, int64_t rows, int64_t columns, int64_t depth) {
  for (int64_t j = 0; j < columns;) {
    const bool two = j + 2 * kLanes <= columns;
    const Right right{b.data + j, b.pitch};
    for (int64_t i = 0; i < rows; i += kTileRows) {
      const Left left{a.data + i * a.row, a.row, a.step};
      const Made made{c.data + i * c.pitch + j, c.pitch};
      two ? product_tile<2, kSum>(left, right, made, depth) : product_tile<1, kSum>(left, right, made, depth);
    }
    j += two ? 2 * kLanes : kLanes;
  }
}

}  // namespace
}  // namespace breakeven::cpu
