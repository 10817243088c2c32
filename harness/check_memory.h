// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/check.h"

namespace breakeven {

/// `check` (check.h) for operations that memory bounds.
Check check_memory(const MemoryOp&, const Inputs&, const std::vector<Tensor>& outputs, const Judge&, Depth,
                   uint64_t seed);

}  // namespace breakeven
