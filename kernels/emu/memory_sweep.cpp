// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/memory_sweep.h"

#include "kernels/cuda/memory_cases.h"

namespace breakeven::cuda {

std::vector<MemoryOp> memory_questions(const Kernel& kernel, Precision precision) {
  std::vector<MemoryOp> list;
  for (const auto& of : {ragged_memory_ops(), long_memory_ops()}) {
    for (MemoryOp op : of) {
      op.precision = precision;
      if (!kernel.why_not(op)) list.push_back(op);
    }
  }
  return list;
}

std::string memory_fault(const Kernel& kernel, const MemoryOp& op, const ContextPtr& context) try {
  context->use();
  const Inputs inputs = op.inputs(42);
  const ExpectedMemory answer = expected(op, inputs);
  const auto job = kernel.prepare(op, inputs, {.slots = 2});
  job->poison();
  job->run(0);
  const std::vector<Tensor> once = job->outputs(0);
  job->run(1);
  const std::vector<Tensor> other = job->outputs(1);
  for (const auto* results : {&once, &other}) {
    if (const auto right = agrees(*results, answer); !right) return right.message();
  }
  if (!any_order(kernel) && !same_bits(once, other)) return "two executions differ";
  return {};
} catch (const std::exception& error) {
  return error.what();
}

}  // namespace breakeven::cuda
