// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace breakeven::cuda {

/// sums[i] = partial[0][i] + partial[1][i] + ... for `count` columns, the first `split` of them into `first`,
/// the others into `second`; in an order that depends on nothing but `parts`.
void launch_column_sums(const float* partial, int parts, int count, int split, float* first, float* second,
                        cudaStream_t stream);

}  // namespace breakeven::cuda
