// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_judge.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/product_judge_job.h"

namespace breakeven::cpu {

Kernel conv_judge() {
  return product_judge<Conv2d, convolve_rows>(2e9, [](const Problem& p) {
    return convolve_rows_scratch(std::get<Conv2d>(p), omp_get_max_threads());
  });
}

}  // namespace breakeven::cpu
