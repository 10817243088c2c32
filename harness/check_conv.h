// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/check.h"

namespace breakeven {

/// `check` (check.h) for convolutions.
Check check_conv(const Conv2d&, const Inputs&, const Tensor& output, const Judge&, Depth, uint64_t seed,
                 double accumulate_roundoff = 0);

}  // namespace breakeven
