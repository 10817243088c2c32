// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_job.h"

namespace breakeven::cpu {

int64_t given_bytes(const MemoryOp& op) {
  int64_t sum = 0;
  const std::vector<ArrayShape> operands = op.operands();
  for (size_t i = 0; i < static_cast<size_t>(op.in_place()); ++i) sum += operands[i].bytes();
  return sum;
}

}  // namespace breakeven::cpu
