// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/peak_chains.h"

namespace breakeven::cpu {

PeakLoop portable_fp64_loop() { return run_chains<MultiplyAddStep<double, 16>>; }
PeakLoop portable_fp32_loop() { return run_chains<MultiplyAddStep<float, 16>>; }

}  // namespace breakeven::cpu
