// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/placed_job.h"

namespace breakeven::cpu {

/// A convolution in host memory as given: NHWC, KRSC. The part that contenders share.
class ConvJob : public PlacedJob {
 public:
  ConvJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement)
      : PlacedJob(conv.results(), inputs, placement), conv_(conv) {}

 protected:
  /// The first and the second operand as Conv2d lists them.
  template <class T>
  const T* first(int64_t slot) const {
    return operand<T>(0, slot);
  }
  template <class T>
  const T* second(int64_t slot) const {
    return operand<T>(1, slot);
  }
  /// Null without an epilogue.
  template <class T>
  const T* bias(int64_t slot) const {
    return operand<T>(2, slot);
  }
  template <class T>
  T* result(int64_t slot) const {
    return PlacedJob::result<T>(0, slot);
  }

  const Conv2d conv_;
};

/// "computes fp64, fp32, not int8"; or that int8 goes forward alone; or nothing.
Reason unless_one_of(const Conv2d&, std::initializer_list<Precision> precisions);

}  // namespace breakeven::cpu
