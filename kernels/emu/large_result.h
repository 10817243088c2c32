// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/backend.h"
#include "kernels/cuda/context.h"

// Results of more than 2^31 elements, where an offset that was kept in 32 bits goes wrong. Their operands are
// small, of C only those pages exist that are written, and of the grid only the first and last blocks run.

namespace breakeven::cuda {

/// Contenders with a block for each tile of C. Where a few blocks walk over all tiles, as in persistent and
/// what follows it, running some blocks only is no way; nor is C large where m is small (gemv, skinny).
const std::vector<std::string>& contenders_for_large_results();

/// One large matrix (its offsets overflow unsigned numbers too), or many small ones where the contender wants
/// those.
Gemm large_result(const Kernel&, Precision);

/// Looks at the first and the last elements of C. Empty when all is well.
std::string large_result_fault(const Kernel&, const Gemm&, const ContextPtr&);

}  // namespace breakeven::cuda
