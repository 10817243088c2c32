// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/placed_job.h"

namespace breakeven::cuda {

DeviceBuffer placed_operand(const Inputs& inputs, size_t index, int64_t slots, const Context& context) {
  if (index >= inputs.operands.size()) return {};
  const Tensor& tensor = inputs.operands[index];
  DeviceBuffer buffer(tensor.bytes(), slots, context.stream());
  buffer.upload(tensor.data(), context.stream());
  return buffer;
}

void PlacedJob::poison() {
  context_->use();
  for (const DeviceBuffer* result : result_buffers()) result->fill(kPoisonByte, context_->stream());
  context_->synchronize();
}

std::vector<Tensor> PlacedJob::outputs(int64_t slot) {
  context_->use();
  std::vector<Tensor> made;
  const Buffers from = result_buffers();
  for (const ArrayShape& shape : result_shapes()) {
    const DeviceBuffer& result = *from.at(made.size());
    made.push_back(shape.make());
    result.download(slot, made.back().data(), context_->stream());
    result.check_guards(slot, "the result in slot", context_->stream());
  }
  return made;
}

}  // namespace breakeven::cuda
