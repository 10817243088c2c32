// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "cpu_ref/train/judge_activation.h"
#include "cpu_ref/train/judge_operands.h"

namespace breakeven::cpu {
namespace {

template <class Function>
void each(const JudgeOperands& o, const Function& function) {
  double* out = o.out(0);
  const int64_t size = o.out_size(0);
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < size; ++i) out[i] = function(i);
}

}  // namespace

void judge_elementwise(const JudgeOperands& o) {
  using train::OpKind;
  const double *a = o.in(0), *b = o.op().in.size() > 1 ? o.in(1) : nullptr;
  switch (o.op().kind) {
    case OpKind::relu:
      return each(o, [&](int64_t i) { return a[i] > 0 ? a[i] : 0.0; });
    case OpKind::relu_bwd:
      return each(o, [&](int64_t i) { return a[i] > 0 ? b[i] : 0.0; });
    case OpKind::gelu:
      return each(o, [&](int64_t i) { return gelu(a[i]); });
    case OpKind::gelu_bwd:
      return each(o, [&](int64_t i) { return gelu_slope(a[i]) * b[i]; });
    case OpKind::add:
      return each(o, [&](int64_t i) { return a[i] + b[i]; });
    default:
      throw std::logic_error("judge_elementwise: another kind of operation");
  }
}

}  // namespace breakeven::cpu
