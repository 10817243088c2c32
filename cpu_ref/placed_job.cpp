// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/placed_job.h"

#include <cstring>

namespace breakeven::cpu {

PlacedJob::PlacedJob(std::vector<ArrayShape> results, const Inputs& inputs, const Placement& placement,
                     int64_t in_place, std::optional<size_t> left_out)
    : slots_(placement.slots), shapes_(std::move(results)) {
  for (const Tensor& operand : inputs.operands) {
    SlottedPages& placed = operands_.emplace_back();
    if (left_out && *left_out + 1 == operands_.size()) continue;
    placed = SlottedPages(slots_, operand.bytes());
    placed.copy_in(operand.data());
    if (static_cast<int64_t>(given_.size()) < in_place) given_.push_back(operand.clone());
  }
  for (size_t i = given_.size(); i < shapes_.size(); ++i) {
    results_.emplace_back(slots_, shapes_[i].bytes()).fill(kPoisonByte);
  }
}

void PlacedJob::poison() {
  for (size_t i = 0; i < given_.size(); ++i) operands_[i].copy_in(given_[i].data());
  for (SlottedPages& result : results_) result.fill(kPoisonByte);
}

std::vector<Tensor> PlacedJob::outputs(int64_t slot) {
  std::vector<Tensor> made;
  for (const ArrayShape& shape : shapes_) {
    const std::byte* from = result<std::byte>(made.size(), slot);
    Tensor& t = made.emplace_back(shape.make());
    if (t.bytes() > 0) std::memcpy(t.data(), from, static_cast<size_t>(t.bytes()));
  }
  return made;
}

}  // namespace breakeven::cpu
