// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "cpu_ref/im2col.h"
#include "cpu_ref/simd_gemm.h"

namespace breakeven::cpu {

/// How a convolution is worked on. Dense: all threads make patches, then all multiply, chunk by chunk. With
/// groups the products are small: each group (of an image, where that is possible) is one thread's.
struct Im2colLayout {
  // Patches and sums of one chunk, by all threads together and by a thread alone: enough rows for a product,
  // few enough that they are still in the caches when they are read.
  static constexpr int64_t kChunkBytes = int64_t{4} << 20, kChunkBytesAlone = int64_t{1} << 19;

  Im2colLayout(const Conv2d& v, const SimdUnit& by, int thread_count)
      : unit(by),
        threads(thread_count),
        teams(v.groups > 1 ? thread_count : 1),
        in_place(is_product(v) && v.groups == 1),
        narrow(bytes(facts(v.precision).output) != by.sum_bytes),
        lines(std::clamp<int64_t>((teams > 1 ? kChunkBytesAlone : kChunkBytes) /
                                      (v.q() * std::max(patch_size(v), v.group_filters()) * by.sum_bytes),
                                  1, v.n * v.p())),
        extents(extents_of(v, lines * v.q())),
        blocking(choose_blocking(by, extents, v.groups > 1 ? 1 : thread_count)),
        packed_a(packed_a_bytes(by, extents, blocking)),
        packed_b(packed_b_bytes(by, extents, blocking)) {
    size_scratch(v);
  }

  static Extents extents_of(const Conv2d& v, int64_t rows) {
    switch (v.direction) {
      case Direction::backward_data:
        return {rows, patch_size(v), v.group_filters()};
      case Direction::backward_weights:
        return {v.group_filters(), patch_size(v), rows};
      default:
        return {rows, v.group_filters(), patch_size(v)};
    }
  }

  int64_t scratch_bytes() const {
    return threads * packed_a + teams * (packed_b + patches + left + sums + totals) + filter + wide_dx;
  }

  const SimdUnit& unit;
  int threads, teams;
  bool in_place;  // x itself holds the patches
  bool narrow;    // sums are wider than the result
  int64_t lines;  // of y in one chunk, at most
  Extents extents;
  Blocking blocking;
  int64_t packed_a, packed_b;
  // Bytes, of one team: patches; the product's first factor, where dy does not lie as it; sums; those of dw
  // over all chunks. Then of all teams together: the filter transposed, dx before it is rounded.
  int64_t patches = 0, left = 0, sums = 0, totals = 0, filter = 0, wide_dx = 0;

 private:
  void size_scratch(const Conv2d& v) {
    const int64_t element = bytes(facts(v.precision).input), rows = lines * v.q();
    const int64_t dy = rows * v.group_filters() * element;
    const bool dense = v.groups == 1;
    sums = extents.m * extents.n * unit.sum_bytes;
    if (v.direction == Direction::backward_data) {
      left = dense ? 0 : dy;
      if (in_place && !narrow) sums = 0;
      if (narrow && !in_place) wide_dx = v.n * v.h * v.w * v.c * unit.sum_bytes;
      return;
    }
    patches = in_place ? 0 : rows * patch_size(v) * element;
    if (v.direction == Direction::backward_weights) {
      left = dy;
      totals = narrow ? sums : 0;
    } else {
      filter = v.k * patch_size(v) * element;
      if (dense && !narrow) sums = 0;
    }
  }
};

}  // namespace breakeven::cpu
