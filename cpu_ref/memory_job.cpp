// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_job.h"

#include <cstring>

namespace breakeven::cpu {

MemoryJob::MemoryJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement)
    : op_(op), slots_(placement.slots) {
  const size_t in_place = static_cast<size_t>(op.in_place());
  for (const Tensor& operand : inputs.operands) {
    operands_.emplace_back(slots_, operand.bytes()).copy_in(operand.data());
    if (given_.size() < in_place) given_.push_back(operand.clone());
  }
  const std::vector<ArrayShape> shapes = op.results();
  for (size_t i = in_place; i < shapes.size(); ++i) {
    results_.emplace_back(slots_, shapes[i].bytes()).fill(kPoisonByte);
  }
}

void MemoryJob::poison() {
  for (size_t i = 0; i < given_.size(); ++i) operands_[i].copy_in(given_[i].data());
  for (SlottedPages& result : results_) result.fill(kPoisonByte);
}

std::vector<Tensor> MemoryJob::outputs(int64_t slot) {
  std::vector<Tensor> made;
  for (const ArrayShape& shape : op_.results()) {
    const std::byte* from = result<std::byte>(made.size(), slot);
    Tensor& t = made.emplace_back(shape.make());
    if (t.bytes() > 0) std::memcpy(t.data(), from, static_cast<size_t>(t.bytes()));
  }
  return made;
}

int64_t given_bytes(const MemoryOp& op) {
  int64_t sum = 0;
  const std::vector<ArrayShape> operands = op.operands();
  for (size_t i = 0; i < static_cast<size_t>(op.in_place()); ++i) sum += operands[i].bytes();
  return sum;
}

}  // namespace breakeven::cpu
