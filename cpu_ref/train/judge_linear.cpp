// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu_ref/train/judge_activation.h"
#include "cpu_ref/train/judge_operands.h"
#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

using train::Activation;

/// x[rows, in] and y[rows, out].
struct LinearShape {
  explicit LinearShape(const JudgeOperands& o, int64_t x_size)
      : out(o.parameter_shape(0).at(0)), in(o.parameter_shape(0).at(1)), rows(x_size / in) {}
  int64_t out, in, rows;
};

}  // namespace

void judge_linear(const JudgeOperands& o) {
  const LinearShape s(o, o.in_size(0));
  const Activation activation = o.op().activation;
  double *y = o.out(0), *z = activation == Activation::gelu ? o.out(1) : nullptr;
  const std::vector<double> weights = transposed(o.parameter(0), s.out, s.in);
  multiply(s.rows, s.in, s.out, o.in(0), weights.data(), y);
  const double *bias = o.parameter(1), scale = o.op().scale;
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < s.rows; ++r) {
    for (int64_t i = r * s.out; i < (r + 1) * s.out; ++i) {
      y[i] = scale * y[i] + (bias ? bias[i - r * s.out] : 0.0);
      if (z) z[i] = y[i];
      if (activation == Activation::relu) y[i] = y[i] > 0 ? y[i] : 0.0;
      if (activation == Activation::gelu) y[i] = gelu(y[i]);
    }
  }
}

void judge_linear_data(const JudgeOperands& o) {
  const LinearShape s(o, o.out_size(0));
  double* dx = o.out(0);
  multiply(s.rows, s.out, s.in, o.in(0), o.parameter(0), dx);
  const double scale = o.op().scale;
  if (scale == 1) return;
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < s.rows * s.in; ++i) dx[i] *= scale;
}

void judge_linear_weights(const JudgeOperands& o) {
  constexpr int64_t kRows = 128;  // so many of x stay in the cache for all rows of the weights
  const LinearShape s(o, o.in_size(0));
  const double *x = o.in(0), *dz = o.in(1);
  double *dw = o.gradient(0), *db = o.gradient(1);
  const bool accumulate = o.op().accumulate;
  const std::vector<double> factors = transposed(dz, s.rows, s.out, o.op().scale);
  if (!accumulate) std::fill_n(dw, s.out * s.in, 0.0);
#pragma omp parallel
  for (int64_t r = 0; r < s.rows; r += kRows) {
    // Static, so that a thread keeps its rows of the weights and needs to wait for nobody.
#pragma omp for schedule(static) nowait
    for (int64_t n = 0; n < s.out; ++n)
      add_product(dw + n * s.in, s.in, factors.data() + n * s.rows + r, std::min(kRows, s.rows - r),
                  x + r * s.in, s.in);
  }
  if (!db) return;
  const std::vector<double> sums = sum_over_rows(s.rows, s.out, [&](int64_t r, double* into) {
    for (int64_t n = 0; n < s.out; ++n) into[n] += dz[r * s.out + n];
  });
  for (int64_t n = 0; n < s.out; ++n) db[n] = (accumulate ? db[n] : 0.0) + sums[static_cast<size_t>(n)];
}

}  // namespace breakeven::cpu
