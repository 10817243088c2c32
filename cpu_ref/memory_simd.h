// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cpu_ref/memory_unit.h"
#include "harness/memory_op.h"

namespace breakeven::cpu {

/// Operands and results of fewer bytes are one thread's work.
inline constexpr int64_t kWorthThreads = 1 << 15;

/// Bytes beyond which nothing that one execution writes is still cached when the next one on the same
/// operands comes. Half the last level's, because it holds operands too; where the system does not tell, that
/// of a small server.
int64_t stays_cached();

/// kAdamw, as the loops use it.
AdamwFactors adamw_factors();

/// Every unit that this CPU can run, the best first.
std::vector<const MemoryUnit*> memory_units();
const MemoryUnit& best_memory_unit();

/// Of MemoryShare::room.
int64_t rows_of_room(MemoryKind);

/// The loop for an operation.
MemoryLoop loop_of(const MemoryUnit&, const MemoryOp&);

}  // namespace breakeven::cpu
