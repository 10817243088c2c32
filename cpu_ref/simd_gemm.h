// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "cpu_ref/simd_unit.h"

namespace breakeven::cpu {

/// One product, dense and row-major.
struct Extents {
  int64_t m, n, k;
};

/// Sizes of the blocks that are packed, chosen for the caches (Goto and van de Geijn 2008).
struct Blocking {
  int64_t depth;         // of k
  int64_t columns;       // of the block of B that all threads share
  int64_t row_blocks;    // the rows, in so many nearly equal blocks of whole strips...
  int64_t column_parts;  // ...times the columns of the block in so many: the tasks that threads share out
};
Blocking choose_blocking(const SimdUnit&, const Extents&, int workers);

/// Bytes of packed A for one thread, and of packed B.
int64_t packed_a_bytes(const SimdUnit&, const Extents&, const Blocking&);
int64_t packed_b_bytes(const SimdUnit&, const Extents&, const Blocking&);

/// One of `count` threads that work on one product together, and the memory they pack into.
struct Worker {
  int index = 0, count = 1;
  std::byte* packed_a = nullptr;  // its own
  std::byte* packed_b = nullptr;  // shared by the count
};

/// Epilogue and conversion of a part of the sums, called by the worker that has just completed it, so that it
/// still lies in its caches.
using Finish = std::function<void(int64_t row, int64_t rows, int64_t column, int64_t columns)>;

/// sums[m, n] = a[m, k] b[k, n], to be called by all workers at once with the same arguments.
/// `element`: bytes of one element of a and b.
void multiply(const SimdUnit&, const Extents&, const Blocking&, const Worker&, int64_t element, const void* a,
              const void* b, void* sums, const Finish&);

}  // namespace breakeven::cpu
