// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace breakeven::cuda {

/// to[batch, columns, rows] = from[batch, rows, columns], elements of 1 or 4 bytes; both in device memory,
/// apart.
void transpose(void* to, const void* from, int64_t element_bytes, int64_t batch, int64_t rows,
               int64_t columns, cudaStream_t);

}  // namespace breakeven::cuda
