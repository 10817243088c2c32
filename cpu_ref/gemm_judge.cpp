// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/judge.h"
#include "cpu_ref/product_judge_job.h"

namespace breakeven::cpu {
namespace {

void rows(const Gemm& gemm, const Inputs& inputs, const RowSink& sink) {
  const std::vector<Tensor>& operands = inputs.operands;
  const Tensor* bias = gemm.epilogue == Epilogue::bias_relu ? &operands[2] : nullptr;
  multiply_rows(gemm, operands[0], operands[1], bias, sink);
}

/// B decoded, and per thread one row of A, of sums (long double at most) and of values.
int64_t scratch(const Gemm& g) {
  return 8 * g.batch * g.k * g.n + omp_get_max_threads() * (8 * g.k + (16 + 8) * g.n) + 8 * g.n;
}

}  // namespace

Kernel gemm_judge() {
  return product_judge<Gemm, rows>(1e10, [](const Problem& p) { return scratch(std::get<Gemm>(p)); });
}

}  // namespace breakeven::cpu
