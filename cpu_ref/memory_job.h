// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cpu_ref/pages.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// A memory-bound operation in host memory; the part that all contenders share. Results that are updated in
/// place are the first operands.
class MemoryJob : public Job {
 public:
  MemoryJob(const MemoryOp&, const Inputs&, const Placement&);
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override;

 protected:
  template <class T>
  const T* operand(size_t which, int64_t slot) const {
    return reinterpret_cast<const T*>(operands_.at(which).at(slot));
  }
  template <class T>
  T* result(size_t which, int64_t slot) const {
    return reinterpret_cast<T*>(which < given_.size() ? operands_[which].at(slot)
                                                      : results_.at(which - given_.size()).at(slot));
  }

  const MemoryOp op_;
  const int64_t slots_;

 private:
  std::vector<SlottedPages> operands_, results_;
  std::vector<Tensor> given_;  // the operands that results take the place of, as they were
};

/// Bytes beyond operands and results: those operands again.
int64_t given_bytes(const MemoryOp&);

}  // namespace breakeven::cpu
