// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/precision.h"
#include "kernels/cuda/context.h"

namespace breakeven::cuda {

/// table[index[j]] += x[j] for j < indices, rows of `depth` elements; the table in fp32, x stored as the
/// precision says. Every row's additions in the order of j.
void launch_scatter_add(Precision, float* table, const int* index, const void* x, int64_t indices,
                        int64_t table_rows, int64_t depth, const Context&);

}  // namespace breakeven::cuda
