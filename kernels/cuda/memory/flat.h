// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/part.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

// Arrays without rows: a block takes kAhead parts per thread, neighbours beside each other, and all loads of
// a thread are under way before its first store. Blocks are many and short: the device fills the gaps between
// them, and the last ones end together.

namespace breakeven::cuda {

inline constexpr int kFlatThreads = 256;

/// The first element of the thread's part number `i` of `ahead`, kEach apart.
template <class T>
__device__ inline int64_t flat_at(int i, int ahead) {
  return ((int64_t{blockIdx.x} * ahead + i) * kFlatThreads + threadIdx.x) * kEach<T>;
}

template <class T>
inline device::Shape flat_shape(int64_t n, int ahead) {
  const int64_t block = int64_t{kFlatThreads} * ahead * kEach<T>;
  return {.grid = block_count((n + block - 1) / block), .block = kFlatThreads};
}

}  // namespace breakeven::cuda
