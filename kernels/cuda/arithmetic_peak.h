// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/gated_clock.h"

namespace breakeven::cuda {

/// The best rate of multiply-adds on inputs of this precision, over all loops (peak_loops.h) this build has
/// for this device; about 50 ms each.
Peak measure_arithmetic_peak(const Context&, GatedClock&, Precision);

}  // namespace breakeven::cuda
