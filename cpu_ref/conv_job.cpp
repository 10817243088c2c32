// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_job.h"

#include "cpu_ref/gemm_job.h"

namespace breakeven::cpu {

Reason unless_one_of(const Conv2d& conv, std::initializer_list<Precision> precisions) {
  if (conv.precision == Precision::int8 && conv.direction != Direction::forward)
    return "int8 goes forward alone: gradients need a float";
  return unless_one_of(Gemm{.precision = conv.precision}, precisions);
}

}  // namespace breakeven::cpu
