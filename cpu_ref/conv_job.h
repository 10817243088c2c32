// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cpu_ref/pages.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// A convolution in host memory as given: NHWC, KRSC, dense. The part that contenders share.
class ConvJob : public Job {
 public:
  ConvJob(const Conv2d&, const Inputs&, const Placement&);
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override;

 protected:
  /// The first and the second operand as Conv2d lists them.
  template <class T>
  const T* first(int64_t slot) const {
    return reinterpret_cast<const T*>(operands_[0].at(slot));
  }
  template <class T>
  const T* second(int64_t slot) const {
    return reinterpret_cast<const T*>(operands_[1].at(slot));
  }
  /// Null without an epilogue.
  template <class T>
  const T* bias(int64_t slot) const {
    return operands_.size() > 2 ? reinterpret_cast<const T*>(operands_[2].at(slot)) : nullptr;
  }
  template <class T>
  T* result(int64_t slot) const {
    return reinterpret_cast<T*>(result_.at(slot));
  }

  const Conv2d conv_;
  const int64_t slots_;

 private:
  std::vector<SlottedPages> operands_;
  SlottedPages result_;
};

/// "computes fp64, fp32, not int8"; or that int8 goes forward alone; or nothing.
Reason unless_one_of(const Conv2d&, std::initializer_list<Precision> precisions);

}  // namespace breakeven::cpu
