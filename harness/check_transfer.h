// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/check.h"

namespace breakeven {

/// `check` (check.h) for bytes that were to arrive somewhere.
Check check_transfer(const Transfer&, const Inputs&, const std::vector<Tensor>& outputs, const Judge&, Depth,
                     uint64_t seed);

}  // namespace breakeven
