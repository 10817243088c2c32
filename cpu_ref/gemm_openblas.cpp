// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cblas.h>
#include <fmt/format.h>

#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/openblas_library.h"
#include "cpu_ref/round_to.h"

namespace breakeven::cpu {
namespace {

blasint narrow(int64_t extent) { return static_cast<blasint>(extent); }  // below 2^24, see parse_gemm

/// c[m, n] = a[m, k] b[k, n]. A single row or column is a matrix times a vector, and who knows the library
/// calls that function: gemm would pack the whole matrix to use it once.
void multiply(const Gemm& g, const float* a, const float* b, float* c) {
  const blasint m = narrow(g.m), n = narrow(g.n), k = narrow(g.k);
  if (g.m == 1) {
    cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1, b, n, a, 1, 0, c, 1);
  } else if (g.n == 1) {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, m, k, 1, a, k, b, 1, 0, c, 1);
  } else {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }
}
void multiply(const Gemm& g, const double* a, const double* b, double* c) {
  const blasint m = narrow(g.m), n = narrow(g.n), k = narrow(g.k);
  if (g.m == 1) {
    cblas_dgemv(CblasRowMajor, CblasTrans, k, n, 1, b, n, a, 1, 0, c, 1);
  } else if (g.n == 1) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m, k, 1, a, k, b, 1, 0, c, 1);
  } else {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }
}

/// c[m, n] = max(0, c + bias[n]), all threads.
template <class T>
void add_bias_relu(const Gemm& g, const T* bias, T* c) {
#pragma omp parallel for schedule(static) if (g.m * g.n > 1 << 14)
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) c[i * g.n + j] = std::max(T(0), c[i * g.n + j] + bias[j]);
  }
}

class OpenblasJob : public GemmJob {
 public:
  using GemmJob::GemmJob;
  std::string implementation() const override { return "OpenBLAS " + openblas_version(); }
};

template <class T>
class RealJob : public OpenblasJob {
 public:
  using OpenblasJob::OpenblasJob;
  void run(int64_t slot) override {
    const Gemm& g = gemm_;
    const T* bias = this->template bias<T>(slot);
    for (int64_t i = 0; i < g.batch; ++i) {
      T* result = c<T>(slot) + i * g.m * g.n;
      multiply(g, a<T>(slot) + i * g.m * g.k, b<T>(slot) + i * g.k * g.n, result);
      if (bias) add_bias_relu(g, bias, result);
    }
  }
};

#if BREAKEVEN_OPENBLAS_SBGEMM
/// sbgemm reads bf16 and writes fp32; rounding to the bf16 a result has here is a pass of its own, timed with
/// it.
class Bf16Job : public OpenblasJob {
 public:
  Bf16Job(const Gemm& gemm, const Inputs& inputs, const Placement& placement)
      : OpenblasJob(gemm, inputs, placement),
        sums_(1, gemm.m * gemm.n * static_cast<int64_t>(sizeof(float))) {
    sums_.fill(0);
  }
  void run(int64_t slot) override {
    const Gemm& g = gemm_;
    const blasint m = narrow(g.m), n = narrow(g.n), k = narrow(g.k);
    float* sums = reinterpret_cast<float*>(sums_.at(0));
    for (int64_t i = 0; i < g.batch; ++i) {
      cblas_sbgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a<bfloat16>(slot) + i * g.m * g.k,
                   k, b<bfloat16>(slot) + i * g.k * g.n, n, 0, sums, n);
      if (const float* bias = this->bias<float>(slot)) add_bias_relu(g, bias, sums);
      round_all(sums, c<uint16_t>(slot) + i * g.m * g.n);
    }
  }

 private:
  void round_all(const float* sums, uint16_t* result) const {
    const int64_t size = gemm_.m * gemm_.n;
#pragma omp parallel for schedule(static) if (size > 1 << 14)
    for (int64_t i = 0; i < size; ++i) result[i] = to_bf16(std::bit_cast<uint32_t>(sums[i]));
  }
  SlottedPages sums_;
};
#endif

Reason why_not(const Gemm& gemm) {
#if BREAKEVEN_OPENBLAS_SBGEMM
  return unless_one_of(gemm, {Precision::fp64, Precision::fp32, Precision::bf16});
#else
  if (gemm.precision == Precision::bf16) return "this build of OpenBLAS has no sbgemm";
  return unless_one_of(gemm, {Precision::fp64, Precision::fp32});
#endif
}

std::unique_ptr<Job> prepare(const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
#if BREAKEVEN_OPENBLAS_SBGEMM
  if (gemm.precision == Precision::bf16) return std::make_unique<Bf16Job>(gemm, inputs, placement);
#endif
  if (gemm.precision == Precision::fp64) return std::make_unique<RealJob<double>>(gemm, inputs, placement);
  return std::make_unique<RealJob<float>>(gemm, inputs, placement);
}

int64_t scratch(const Gemm& g) {
  return g.precision == Precision::bf16 ? g.m * g.n * static_cast<int64_t>(sizeof(float)) : 0;
}

}  // namespace

Kernel gemm_openblas() {
  return {
      .name = "openblas",
      .summary =
          "OpenBLAS gemm (gemv for one row or column), batches one by one, bias and ReLU and bf16's rounding "
          "as passes of their own",
      .why_not = for_problem<Gemm>(why_not),
      .prepare = for_problem<Gemm>(prepare),
      .scratch_bytes = [](const Problem& p) { return scratch(std::get<Gemm>(p)); }};
}

}  // namespace breakeven::cpu
