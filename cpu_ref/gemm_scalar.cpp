// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/round_to.h"

// The rung below all others: one multiply and one add at a time. The compiler must not turn the loops into
// vector code, or the rung would show what the compiler can do.
#if defined(__clang__)
#define BREAKEVEN_SCALAR_FUNCTION
#define BREAKEVEN_SCALAR_LOOP _Pragma("clang loop vectorize(disable) interleave(disable)")
#else
#define BREAKEVEN_SCALAR_FUNCTION __attribute__((noinline, optimize("no-tree-vectorize")))
#define BREAKEVEN_SCALAR_LOOP
#endif

namespace breakeven::cpu {
namespace {

inline double value(double x) { return x; }
inline float value(float x) { return x; }
inline int32_t value(int8_t x) { return x; }
inline float value(Bf16 x) { return std::bit_cast<float>(from_bf16(x.bits)); }
inline float value(Fp16 x) { return std::bit_cast<float>(from_fp16(x.bits)); }

inline void store(double sum, double* out) { *out = sum; }
inline void store(float sum, float* out) { *out = sum; }
inline void store(int32_t sum, int32_t* out) { *out = sum; }
inline void store(float sum, Bf16* out) { out->bits = to_bf16(std::bit_cast<uint32_t>(sum)); }
inline void store(float sum, Fp16* out) { out->bits = to_fp16(std::bit_cast<uint32_t>(sum)); }

/// `sum` + bias, ReLU, and the one rounding. An int32 sum exceeds an fp32's 24 bits: added in double.
template <class Bias, class Sum, class Out>
void finish(Sum sum, Bias bias, Out* out) {
  if constexpr (std::is_same_v<Sum, int32_t>) {
    round_to(std::max(0.0, static_cast<double>(sum) + static_cast<double>(bias)), out);
  } else {
    store(std::max(Sum(0), sum + bias), out);
  }
}

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
