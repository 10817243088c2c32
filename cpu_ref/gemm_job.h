// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/placed_job.h"

namespace breakeven::cpu {

/// Whether a contender reads B as given or keeps it in a layout of its own (and then places it itself).
enum class Weights : uint8_t { as_given, own_layout };

/// A GEMM in host memory; the part that all contenders share.
class GemmJob : public PlacedJob {
 public:
  GemmJob(const Gemm&, const Inputs&, const Placement&, Weights = Weights::as_given);

 protected:
  template <class T>
  const T* a(int64_t slot) const {
    return operand<T>(0, slot);
  }
  template <class T>
  const T* b(int64_t slot) const {
    return operand<T>(1, slot);
  }
  /// Null without an epilogue.
  template <class T>
  const T* bias(int64_t slot) const {
    return operand<T>(2, slot);
  }
  template <class T>
  T* c(int64_t slot) const {
    return result<T>(0, slot);
  }

  const Gemm gemm_;
};

/// "needs fp32 or fp64 inputs, not int8", or nothing when `gemm` has one of `precisions`.
Reason unless_one_of(const Gemm& gemm, const std::vector<Precision>& precisions);

}  // namespace breakeven::cpu
