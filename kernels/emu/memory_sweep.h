// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/context.h"
#include "kernels/cuda/memory_job.h"

// The memory-bound contenders' part of seed_sweep.

namespace breakeven::cuda {

/// The operations that `kernel` is swept over; none when it takes no such problem.
std::vector<MemoryOp> memory_questions(const Kernel& kernel, Precision);

/// One execution and a second over fresh results, under the emulator's present seed. Empty when all is well.
std::string memory_fault(const Kernel& kernel, const MemoryOp&, const ContextPtr&);

}  // namespace breakeven::cuda
