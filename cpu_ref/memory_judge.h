// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "harness/memory_op.h"
#include "harness/transfer.h"

namespace breakeven::cpu {

/// Values at row-major positions `probes` of all results in one sequence, in double, before any rounding.
std::vector<double> memory_at(const MemoryOp&, const Inputs&, std::span<const int64_t> probes);
std::vector<double> transfer_at(const Transfer&, const Inputs&, std::span<const int64_t> probes);

}  // namespace breakeven::cpu
