// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/products.h"

namespace breakeven::cpu {

using train::OpKind;

LinearExtents::LinearExtents(const train::Program& program, const train::Op& op) {
  const std::vector<int64_t>& weights = program.parameter(op.parameters[0]).shape;
  out = weights[0];
  in = weights[1];
  rows = op.kind == OpKind::linear_data ? program.value(op.in[0]).size() / out
                                        : program.value(op.in[0]).size() / in;
}

ConvExtents::ConvExtents(const train::Program& program, const train::Op& op)
    : kernel(op.kernel), stride(op.stride), padding(op.padding) {
  const std::vector<int64_t>& x = program.value(op.kind == OpKind::conv_data ? op.out[0] : op.in[0]).shape;
  const std::vector<int64_t>& y = program.value(op.kind == OpKind::conv ? op.out[0] : op.in.back()).shape;
  batch = x[0];
  height = x[1];
  width = x[2];
  channels = x[3];
  p = y[1];
  q = y[2];
  filters = y[3];
}

}  // namespace breakeven::cpu
