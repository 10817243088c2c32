// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cpu_ref/pages.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// Whether a contender reads B as given or keeps it in a layout of its own (and then places it itself).
enum class Weights : uint8_t { as_given, own_layout };

/// A GEMM in host memory; the part that all contenders share.
class GemmJob : public Job {
 public:
  GemmJob(const Gemm&, const Inputs&, const Placement&, Weights = Weights::as_given);
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override;

 protected:
  template <class T>
  const T* a(int64_t slot) const {
    return reinterpret_cast<const T*>(a_.at(slot));
  }
  template <class T>
  const T* b(int64_t slot) const {
    return reinterpret_cast<const T*>(b_.at(slot));
  }
  /// Null without an epilogue.
  template <class T>
  const T* bias(int64_t slot) const {
    return bias_.slots() > 0 ? reinterpret_cast<const T*>(bias_.at(slot)) : nullptr;
  }
  template <class T>
  T* c(int64_t slot) const {
    return reinterpret_cast<T*>(c_.at(slot));
  }

  const Gemm gemm_;
  const int64_t slots_;

 private:
  SlottedPages a_, b_, bias_, c_;
};

/// "needs fp32 or fp64 inputs, not int8", or nothing when `gemm` has one of `precisions`.
Reason unless_one_of(const Gemm& gemm, const std::vector<Precision>& precisions);

}  // namespace breakeven::cpu
