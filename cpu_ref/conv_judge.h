// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "harness/conv2d.h"

namespace breakeven::cpu {

/// The convolution's result at row-major positions `probes`, before any rounding to the output's type. Sums
/// run in double, in long double for fp64 inputs.
std::vector<double> convolve_at(const Conv2d&, const Inputs&, std::span<const int64_t> probes);

/// All of it, a run of the innermost dimension at a time: calls `sink(row, values)` with the values of
/// elements row * values.size() and following, from several threads at once.
using ConvSink = std::function<void(int64_t row, std::span<const double> values)>;
void convolve_rows(const Conv2d&, const Inputs&, const ConvSink& sink);

/// Bytes that `convolve_rows` takes besides.
int64_t convolve_rows_scratch(const Conv2d&, int threads);

}  // namespace breakeven::cpu
