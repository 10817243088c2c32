// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/placed_job.h"

namespace breakeven::cpu {

/// A memory-bound operation in host memory.
class MemoryJob : public PlacedJob {
 public:
  MemoryJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement)
      : PlacedJob(op.results(), inputs, placement, op.in_place()), op_(op) {}

 protected:
  const MemoryOp op_;
};

/// Bytes beyond operands and results: the operands that results take the place of, as they were.
int64_t given_bytes(const MemoryOp&);

}  // namespace breakeven::cpu
