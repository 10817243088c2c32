// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_job.h"
#include "cpu_ref/round_to.h"

// The rung below all others: one element at a time, one thread, the formulas of memory_op.h in fp32. The
// compiler must not turn the loops into vector code.
#if defined(__clang__)
#define BREAKEVEN_SCALAR_FUNCTION
#define BREAKEVEN_SCALAR_LOOP _Pragma("clang loop vectorize(disable) interleave(disable)")
#else
#define BREAKEVEN_SCALAR_FUNCTION __attribute__((noinline, optimize("no-tree-vectorize")))
#define BREAKEVEN_SCALAR_LOOP
#endif

namespace breakeven::cpu {
namespace {

inline float value(float x) { return x; }
inline float value(Bf16 x) { return std::bit_cast<float>(from_bf16(x.bits)); }
inline float value(Fp16 x) { return std::bit_cast<float>(from_fp16(x.bits)); }
inline void put(float x, float* out) { *out = x; }
inline void put(float x, Bf16* out) { out->bits = to_bf16(std::bit_cast<uint32_t>(x)); }
inline void put(float x, Fp16* out) { out->bits = to_fp16(std::bit_cast<uint32_t>(x)); }

template <class Each>
BREAKEVEN_SCALAR_FUNCTION void each(int64_t n, Each body) {
  BREAKEVEN_SCALAR_LOOP
  for (int64_t i = 0; i < n; ++i) body(i);
}

class ScalarJob : public MemoryJob {
 public:
  using MemoryJob::MemoryJob;
  void run(int64_t slot) override {
    switch (op_.precision) {
      case Precision::fp32:
        return compute<float>(slot);
      case Precision::bf16:
        return compute<Bf16>(slot);
      default:
        return compute<Fp16>(slot);
    }
  }
  std::string implementation() const override { return "plain loops, 1 thread"; }

 private:
  template <class T>
  void compute(int64_t slot);
  template <class T>
  void flat(int64_t slot);
  template <class T>
  void table(int64_t slot);
  template <class T>
  void softmax(int64_t slot);
  template <class T>
  void layernorm(int64_t slot);
  template <class T>
  void layernorm_bwd(int64_t slot);
};

template <class T>
void ScalarJob::compute(int64_t slot) {
  switch (op_.kind) {
    case MemoryKind::softmax:
    case MemoryKind::cross_entropy:
      return softmax<T>(slot);
    case MemoryKind::layernorm:
      return layernorm<T>(slot);
    case MemoryKind::layernorm_bwd:
      return layernorm_bwd<T>(slot);
    case MemoryKind::gather:
    case MemoryKind::scatter_add:
      return table<T>(slot);
    default:
      return flat<T>(slot);
  }
}

template <class T>
void ScalarJob::flat(int64_t slot) {
  const T* x = operand<T>(0, slot);
  T* y = result<T>(0, slot);
  if (op_.kind == MemoryKind::copy) return each(op_.n, [=](int64_t i) { y[i] = x[i]; });
  if (op_.kind == MemoryKind::triad) {
    const T* b = operand<T>(1, slot);
    return each(op_.n, [=](int64_t i) { put(value(x[i]) + kTriadFactor * value(b[i]), y + i); });
  }
  if (op_.kind == MemoryKind::gelu) {
    return each(op_.n, [=](int64_t i) {
      const float v = value(x[i]), u = 0.79788456f * (v + 0.044715f * v * v * v);
      put(0.5f * v * (1 + std::tanh(u)), y + i);
    });
  }
  const T* g = operand<T>(3, slot);
  float *p = result<float>(0, slot), *m = result<float>(1, slot), *v = result<float>(2, slot);
  each(op_.n, [=, k = kAdamw](int64_t i) {
    const float gradient = value(g[i]);
    m[i] = k.beta1 * m[i] + (1 - k.beta1) * gradient;
    v[i] = k.beta2 * v[i] + (1 - k.beta2) * gradient * gradient;
    const float step = m[i] / k.correction1 / (std::sqrt(v[i] / k.correction2) + k.epsilon);
    p[i] -= k.rate * (step + k.decay * p[i]);
  });
}

template <class T>
void ScalarJob::table(int64_t slot) {
  const int32_t* index = operand<int32_t>(1, slot);
  const int64_t depth = op_.depth;
  if (op_.kind == MemoryKind::gather) {
    const T* from = operand<T>(0, slot);
    T* y = result<T>(0, slot);
    return each(op_.indices * depth, [=](int64_t i) { y[i] = from[index[i / depth] * depth + i % depth]; });
  }
  const T* x = operand<T>(2, slot);
  float* to = result<float>(0, slot);
  each(op_.indices * depth, [=](int64_t i) { to[index[i / depth] * depth + i % depth] += value(x[i]); });
}

/// cross_entropy as well: its gradient is a softmax with one off at the label, over the rows.
template <class T>
void ScalarJob::softmax(int64_t slot) {
  const int64_t n = op_.columns;
  const bool loss = op_.kind == MemoryKind::cross_entropy;
  for (int64_t row = 0; row < op_.rows; ++row) {
    const T* x = operand<T>(0, slot) + row * n;
    T* y = result<T>(loss ? 1 : 0, slot) + row * n;
    float largest = value(x[0]), sum = 0;
    each(n, [&](int64_t j) { largest = std::max(largest, value(x[j])); });
    each(n, [&](int64_t j) { sum += std::exp(value(x[j]) - largest); });
    if (!loss) {
      each(n, [=](int64_t j) { put(std::exp(value(x[j]) - largest) / sum, y + j); });
      continue;
    }
    const int64_t label = operand<int32_t>(1, slot)[row];
    const float rows = static_cast<float>(op_.rows);
    each(n, [=](int64_t j) {
      put((std::exp(value(x[j]) - largest) / sum - (j == label ? 1.0f : 0.0f)) / rows, y + j);
    });
    result<float>(0, slot)[row] = std::log(sum) + largest - value(x[label]);
  }
}

template <class T>
void ScalarJob::layernorm(int64_t slot) {
  const int64_t n = op_.columns;
  const float *gamma = operand<float>(1, slot), *beta = operand<float>(2, slot);
  for (int64_t row = 0; row < op_.rows; ++row) {
    const T* x = operand<T>(0, slot) + row * n;
    T* y = result<T>(0, slot) + row * n;
    float sum = 0, squares = 0;
    each(n, [&](int64_t j) { sum += value(x[j]); });
    const float mean = sum / static_cast<float>(n);
    each(n, [&](int64_t j) { squares += (value(x[j]) - mean) * (value(x[j]) - mean); });
    const float rstd = 1 / std::sqrt(squares / static_cast<float>(n) + kLayerNormEpsilon);
    each(n, [=](int64_t j) { put((value(x[j]) - mean) * rstd * gamma[j] + beta[j], y + j); });
    result<float>(1, slot)[row] = mean;
    result<float>(2, slot)[row] = rstd;
  }
}

template <class T>
void ScalarJob::layernorm_bwd(int64_t slot) {
  const int64_t n = op_.columns;
  const float* gamma = operand<float>(1, slot);
  float *dgamma = result<float>(1, slot), *dbeta = result<float>(2, slot);
  std::fill(dgamma, dgamma + n, 0.0f);
  std::fill(dbeta, dbeta + n, 0.0f);
  for (int64_t row = 0; row < op_.rows; ++row) {
    const T *x = operand<T>(0, slot) + row * n, *dy = operand<T>(4, slot) + row * n;
    T* dx = result<T>(0, slot) + row * n;
    const float mean = operand<float>(2, slot)[row], rstd = operand<float>(3, slot)[row];
    const auto xhat = [=](int64_t j) { return (value(x[j]) - mean) * rstd; };
    float sum_g = 0, sum_gx = 0;
    each(n, [&](int64_t j) {
      const float d = value(dy[j]);
      sum_g += d * gamma[j];
      sum_gx += d * gamma[j] * xhat(j);
      dgamma[j] += d * xhat(j);
      dbeta[j] += d;
    });
    const float count = static_cast<float>(n);
    each(n, [=](int64_t j) {
      put(rstd * (value(dy[j]) * gamma[j] - sum_g / count - xhat(j) * (sum_gx / count)), dx + j);
    });
  }
}

Reason why_not(const MemoryOp&) { return std::nullopt; }

std::unique_ptr<Job> prepare(const MemoryOp& op, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<ScalarJob>(op, inputs, placement);
}

}  // namespace

Kernel memory_scalar() {
  return {.name = "scalar",
          .summary = "the formulas, one element at a time, one thread",
          .why_not = for_problem<MemoryOp>(why_not),
          .prepare = for_problem<MemoryOp>(prepare),
          .typical_rate = 5e8,
          .scratch_bytes = [](const Problem& p) { return given_bytes(std::get<MemoryOp>(p)); }};
}

}  // namespace breakeven::cpu
