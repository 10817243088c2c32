// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_job.h"

#include <cstring>

#include "cpu_ref/gemm_job.h"

namespace breakeven::cpu {

ConvJob::ConvJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement)
    : conv_(conv), slots_(placement.slots), result_(slots_, conv.results()[0].bytes()) {
  for (const Tensor& operand : inputs.operands) {
    operands_.emplace_back(slots_, operand.bytes());
    operands_.back().copy_in(operand.data());
  }
  result_.fill(kPoisonByte);
}

void ConvJob::poison() { result_.fill(kPoisonByte); }

std::vector<Tensor> ConvJob::outputs(int64_t slot) {
  std::vector<Tensor> made;
  made.push_back(conv_.results()[0].make());
  std::memcpy(made[0].data(), result_.at(slot), static_cast<size_t>(made[0].bytes()));
  return made;
}

Reason unless_one_of(const Conv2d& conv, std::initializer_list<Precision> precisions) {
  if (conv.precision == Precision::int8 && conv.direction != Direction::forward)
    return "int8 goes forward alone: gradients need a float";
  return unless_one_of(Gemm{.precision = conv.precision}, precisions);
}

}  // namespace breakeven::cpu
