// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/scalar_arithmetic.h"

namespace breakeven::cpu {
namespace {

/// c[m, n] = a[m, k] b[k, n], the three loops of the textbook.
template <class In, class Out, class Bias>
BREAKEVEN_SCALAR_FUNCTION void multiply(const Gemm& g, const In* a, const In* b, const Bias* bias, Out* c) {
  using Sum = decltype(value(In{}));
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      Sum sum = 0;
      BREAKEVEN_SCALAR_LOOP
      for (int64_t p = 0; p < g.k; ++p) sum += value(a[i * g.k + p]) * value(b[p * g.n + j]);
      if (bias) {
        finish(sum, bias[j], c + i * g.n + j);
      } else {
        store(sum, c + i * g.n + j);
      }
    }
  }
}

class ScalarJob : public GemmJob {
 public:
  using GemmJob::GemmJob;
  void run(int64_t slot) override {
    switch (gemm_.precision) {
      case Precision::fp64:
        return multiply_all<double, double, double>(slot);
      case Precision::fp32:
        return multiply_all<float, float, float>(slot);
      case Precision::bf16:
        return multiply_all<Bf16, Bf16, float>(slot);
      case Precision::fp16:
        return multiply_all<Fp16, Fp16, float>(slot);
      case Precision::int8:
        return multiply_all<int8_t, int32_t, float>(slot);
      default:
        throw Unsupported("scalar has no such precision");
    }
  }
  std::string implementation() const override { return "three loops, 1 thread"; }

 private:
  template <class In, class Out, class Bias>
  void multiply_all(int64_t slot) {
    const auto& g = gemm_;
    for (int64_t i = 0; i < g.batch; ++i) {
      multiply(g, a<In>(slot) + i * g.m * g.k, b<In>(slot) + i * g.k * g.n, bias<Bias>(slot),
               c<Out>(slot) + i * g.m * g.n);
    }
  }
};

Reason why_not(const Gemm& gemm) {
  return unless_one_of(gemm,
                       {Precision::fp64, Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8});
}

std::unique_ptr<Job> prepare(const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<ScalarJob>(gemm, inputs, placement);
}

}  // namespace

Kernel gemm_scalar() {
  return {.name = "scalar",
          .summary = "three textbook loops, one multiply-add at a time, one thread",
          .why_not = for_problem<Gemm>(why_not),
          .prepare = for_problem<Gemm>(prepare),
          .typical_rate = 2e9,
          .scratch_bytes = {}};
}

}  // namespace breakeven::cpu
