// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "cpu_ref/train/loops_share.h"

namespace breakeven::cpu {
namespace {

/// Of two rows, the lanes whose number has bit kStep change places across.
template <int kStep, int... kLane>
void exchange(Floats& a, Floats& b, std::integer_sequence<int, kLane...>) {
  constexpr int kOther = static_cast<int>(kLanes);
  const Floats low = __builtin_shufflevector(a, b, ((kLane & kStep) ? kOther + kLane - kStep : kLane)...);
  b = __builtin_shufflevector(a, b, ((kLane & kStep) ? kOther + kLane : kLane + kStep)...);
  a = low;
}
template <int kStep>
void exchange_all(Floats* rows) {
  if constexpr (kStep > 0) {
    for (int i = 0; i < kLanes; ++i) {
      if ((i & kStep) == 0) {
        exchange<kStep>(rows[i], rows[i + kStep],
                        std::make_integer_sequence<int, static_cast<int>(kLanes)>());
      }
    }
    exchange_all<kStep / 2>(rows);
  }
}
/// kLanes vectors: lane j of vector i becomes lane i of vector j.
inline void transpose(Floats* rows) { exchange_all<static_cast<int>(kLanes / 2)>(rows); }

/// get(row, column, lanes) for `rows` rows and `columns` columns -> out[column][row], `pitch` apart; a square
/// of vectors at a time, so out needs kLanes-fold rows and columns. 0 beyond both.
template <class Get>
void transposed(int64_t rows, int64_t columns, float* out, int64_t pitch, Get get) {
  for (int64_t r = 0; r < rows; r += kLanes) {
    for_vectors(columns, [=](int64_t c, auto lanes) {
      Floats square[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) square[i] = r + i < rows ? get(r + i, c, lanes) : Floats{};
      transpose(square);
      for (int64_t i = 0; i < kLanes; ++i) store(square[i], out + (c + i) * pitch + r);
    });
  }
}

/// The way back: put(value, row, column, lanes).
template <class Put>
void transposed_back(const float* from, int64_t pitch, int64_t rows, int64_t columns, Put put) {
  for (int64_t r = 0; r < rows; r += kLanes) {
    for_vectors(columns, [=](int64_t c, auto lanes) {
      Floats square[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) square[i] = floats_at(from + (c + i) * pitch + r);
      transpose(square);
      for (int64_t i = 0; i < kLanes && r + i < rows; ++i) put(square[i], r + i, c, lanes);
    });
  }
}

/// To a whole number of the widest vectors.
inline int64_t padded(int64_t n) { return (n + 15) / 16 * 16; }

}  // namespace
}  // namespace breakeven::cpu
