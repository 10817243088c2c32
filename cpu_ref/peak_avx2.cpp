// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/peak_chains.h"

namespace breakeven::cpu {

PeakLoop avx2_fp64_loop() { return run_chains<MultiplyAddStep<double, 32>>; }
PeakLoop avx2_fp32_loop() { return run_chains<MultiplyAddStep<float, 32>>; }

}  // namespace breakeven::cpu
