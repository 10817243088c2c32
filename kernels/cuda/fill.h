// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"

namespace breakeven::cuda {

/// Fills `count` elements in device memory with what `fill_uniform` (harness/tensor.h) puts into host memory,
/// byte for byte: operands can be made where they are used, and the proof that both sides compute from the
/// same numbers.
void fill_uniform_on_device(void* out, Precision, int64_t count, uint64_t seed, uint64_t stream_id,
                            cudaStream_t);

}  // namespace breakeven::cuda
