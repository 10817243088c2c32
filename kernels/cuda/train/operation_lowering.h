// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/train/lowering.h"

namespace breakeven::cuda {

/// Binds operations to device memory, one at a time. What it returns refers to it.
class Lowering {
 public:
  Lowering(const train::Program& program, Precision precision, TrainMemory& memory, Products& products,
           const Context& context)
      : p_(program), precision_(precision), memory_(memory), products_(products), context_(context) {}
  TrainLaunch operator()(const train::Op& op);

 private:
  const std::vector<int64_t>& shape(train::ValueId id) const { return p_.value(id).shape; }
  int64_t size(train::ValueId id) const { return p_.value(id).size(); }
  const train::Parameter& parameter(const train::Op& op, size_t i) const {
    return p_.parameter(op.parameters[i]);
  }
  void* at(train::ValueId id) const { return memory_.value(id); }
  cudaStream_t stream() const { return context_.stream(); }

  TrainLaunch linear(const train::Op&);
  TrainLaunch linear_gradient(const train::Op&);
  TrainLaunch bias_gradient(const train::Op&, TrainLaunch before);
  TrainLaunch convolution(const train::Op&);
  TrainLaunch batchnorm(const train::Op&);
  TrainLaunch layernorm(const train::Op&);
  TrainLaunch elementwise(const train::Op&);
  TrainLaunch maxpool(const train::Op&);
  TrainLaunch attention(const train::Op&);
  TrainLaunch table(const train::Op&);
  TrainLaunch table_gradient(const train::Op&);
  TrainLaunch interaction(const train::Op&);
  TrainLaunch loss(const train::Op&);
  TrainLaunch product(const Conv2d&, const void* first, const void* second, void* result, const ProductEnd&);

  const train::Program& p_;
  Precision precision_;
  TrainMemory& memory_;
  Products& products_;
  const Context& context_;
};

}  // namespace breakeven::cuda
