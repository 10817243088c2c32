// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <cstdint>

#include "harness/precision.h"

namespace breakeven::cuda {

/// `batch` matrices in device memory, rows apart by `pitch` bytes, and the box of them that one copy moves.
/// With the 128-byte swizzle a box row is at most 128 bytes. x along a row, y over rows, z over the batch.
struct MappedMatrix {
  const void* data;
  Element element;
  int64_t batch, rows, columns;
  int64_t pitch;
  int box_rows, box_columns;
};

/// Rows can be described to TMA: their pitch is a multiple of 16 bytes.
constexpr bool tma_describes(int64_t pitch) { return pitch % 16 == 0; }

/// Encoded by the driver (libcuda, found at run time). Throws what the driver refused.
CUtensorMap tensor_map(const MappedMatrix&);

}  // namespace breakeven::cuda
