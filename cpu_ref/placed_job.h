// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cpu_ref/pages.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// Operands and results in host memory, `slots` times, dense, in the order and layout of the problem; what
/// all jobs share that take them so.
class PlacedJob : public Job {
 public:
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override;

 protected:
  /// The first `in_place` results take the place of the first operands. `left_out`: an operand that the
  /// contender places itself.
  PlacedJob(std::vector<ArrayShape> results, const Inputs&, const Placement&, int64_t in_place = 0,
            std::optional<size_t> left_out = std::nullopt);

  /// Null where there is no such operand.
  template <class T>
  const T* operand(size_t which, int64_t slot) const {
    if (which >= operands_.size() || operands_[which].slots() == 0) return nullptr;
    return reinterpret_cast<const T*>(operands_[which].at(slot));
  }
  template <class T>
  T* result(size_t which, int64_t slot) const {
    return reinterpret_cast<T*>(which < given_.size() ? operands_[which].at(slot)
                                                      : results_.at(which - given_.size()).at(slot));
  }

  const int64_t slots_;

 private:
  const std::vector<ArrayShape> shapes_;  // of the results
  std::vector<SlottedPages> operands_, results_;
  std::vector<Tensor> given_;  // the operands that results take the place of, as they were
};

}  // namespace breakeven::cpu
