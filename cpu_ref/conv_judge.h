// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "harness/conv2d.h"

namespace breakeven::cpu {

/// The convolution's result at row-major positions `probes`, before any rounding to the output's type.
std::vector<double> convolve_at(const Conv2d&, const Inputs&, std::span<const int64_t> probes);

}  // namespace breakeven::cpu
