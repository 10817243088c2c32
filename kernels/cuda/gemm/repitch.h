// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace breakeven::cuda {

/// to[rows][pitch bytes] = from[rows][columns], elements of 1, 2 or 4 bytes, the rest of each row zero; both
/// in device memory, apart. `pitch` is a multiple of 16. For TMA, which cannot describe rows at other
/// distances.
void repitch(void* to, int64_t pitch, const void* from, int64_t rows, int64_t columns, int64_t element_bytes,
             cudaStream_t);

}  // namespace breakeven::cuda
