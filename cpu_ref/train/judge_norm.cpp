// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "cpu_ref/train/judge_operands.h"
#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

using train::Activation;
using train::Mode;

struct Moments {
  std::vector<double> mean, variance;  // biased
};

/// Of each column of x[rows, width], in two passes.
Moments of_columns(const double* x, int64_t rows, int64_t width) {
  Moments m;
  m.mean = sum_over_rows(rows, width, [&](int64_t r, double* sums) {
    for (int64_t c = 0; c < width; ++c) sums[c] += x[r * width + c];
  });
  for (double& mean : m.mean) mean /= static_cast<double>(rows);
  m.variance = sum_over_rows(rows, width, [&](int64_t r, double* sums) {
    for (int64_t c = 0; c < width; ++c) {
      const double d = x[r * width + c] - m.mean[static_cast<size_t>(c)];
      sums[c] += d * d;
    }
  });
  for (double& variance : m.variance) variance /= static_cast<double>(rows);
  return m;
}

void move_running(double* running, const std::vector<double>& to) {
  for (size_t i = 0; i < to.size(); ++i) running[i] += train::kBatchNormMomentum * (to[i] - running[i]);
}

}  // namespace

void judge_batchnorm(const JudgeOperands& o, Mode mode) {
  const int64_t width = o.in_shape(0).back(), rows = o.in_size(0) / width;
  const double *x = o.in(0), *gamma = o.parameter(0), *beta = o.parameter(1);
  double *y = o.out(0), *mean = o.out(1), *rstd = o.out(2);
  Moments m{{o.state(0), o.state(0) + width}, {o.state(1), o.state(1) + width}};
  if (mode == Mode::training) {
    m = of_columns(x, rows, width);
    move_running(o.state(0), m.mean);
    move_running(o.state(1), m.variance);
  }
  for (int64_t c = 0; c < width; ++c) {
    mean[c] = m.mean[static_cast<size_t>(c)];
    rstd[c] = 1 / std::sqrt(m.variance[static_cast<size_t>(c)] + train::kBatchNormEpsilon);
  }
  const bool relu = o.op().activation == Activation::relu;
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < width; ++c) {
      const double value = (x[r * width + c] - mean[c]) * rstd[c] * gamma[c] + beta[c];
      y[r * width + c] = relu && !(value > 0) ? 0.0 : value;
    }
  }
}

void judge_batchnorm_bwd(const JudgeOperands& o) {
  const int64_t width = o.in_shape(0).back(), rows = o.in_size(0) / width;
  const double *x = o.in(0), *y = o.in(1), *mean = o.in(2), *rstd = o.in(3), *dy = o.in(4);
  const bool relu = o.op().activation == Activation::relu;
  const auto counted = [&](int64_t i) {
    const double d = dy[i], after = y[i];  // read either way, so that the loop needs no branch
    return !relu || after > 0 ? d : 0.0;
  };
  // Column sums of dy, then of dy times the normalised x: the gradients of beta and gamma.
  const std::vector<double> sums = sum_over_rows(rows, 2 * width, [&](int64_t r, double* into) {
    for (int64_t c = 0; c < width; ++c) {
      const double d = counted(r * width + c);
      into[c] += d;
      into[width + c] += d * (x[r * width + c] - mean[c]) * rstd[c];
    }
  });
  const double *dbeta = sums.data(), *dgamma = dbeta + width, *gamma = o.parameter(0);
  std::copy_n(dgamma, width, o.gradient(0));
  std::copy_n(dbeta, width, o.gradient(1));
  double* dx = o.out(0);
  const double n = static_cast<double>(rows);
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < width; ++c) {
      const double hat = (x[r * width + c] - mean[c]) * rstd[c];
      dx[r * width + c] = gamma[c] * rstd[c] * (counted(r * width + c) - (dbeta[c] + hat * dgamma[c]) / n);
    }
  }
}

void judge_layernorm(const JudgeOperands& o) {
  const int64_t width = o.in_shape(0).back(), rows = o.in_size(0) / width;
  const double *x = o.in(0), *gamma = o.parameter(0), *beta = o.parameter(1);
  double *y = o.out(0), *mean = o.out(1), *rstd = o.out(2);
  const double n = static_cast<double>(width);
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; ++r) {
    const double* from = x + r * width;
    double sum = 0, squares = 0;
    for (int64_t c = 0; c < width; ++c) sum += from[c];
    for (int64_t c = 0; c < width; ++c) squares += (from[c] - sum / n) * (from[c] - sum / n);
    mean[r] = sum / n;
    rstd[r] = 1 / std::sqrt(squares / n + train::kLayerNormEpsilon);
    for (int64_t c = 0; c < width; ++c) y[r * width + c] = (from[c] - mean[r]) * rstd[r] * gamma[c] + beta[c];
  }
}

void judge_layernorm_bwd(const JudgeOperands& o) {
  const int64_t width = o.in_shape(0).back(), rows = o.in_size(0) / width;
  const double *x = o.in(0), *mean = o.in(1), *rstd = o.in(2), *dy = o.in(3), *gamma = o.parameter(0);
  double* dx = o.out(0);
  const double n = static_cast<double>(width);
  const auto hat = [&](int64_t r, int64_t c) { return (x[r * width + c] - mean[r]) * rstd[r]; };
  const std::vector<double> sums = sum_over_rows(rows, 2 * width, [&](int64_t r, double* into) {
    for (int64_t c = 0; c < width; ++c) {
      into[c] += dy[r * width + c] * hat(r, c);
      into[width + c] += dy[r * width + c];
    }
  });
  std::copy_n(sums.data(), width, o.gradient(0));
  std::copy_n(sums.data() + width, width, o.gradient(1));
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; ++r) {
    double plain = 0, by_hat = 0;
    for (int64_t c = 0; c < width; ++c) {
      const double d = dy[r * width + c] * gamma[c];
      plain += d;
      by_hat += d * hat(r, c);
    }
    for (int64_t c = 0; c < width; ++c)
      dx[r * width + c] = rstd[r] * (dy[r * width + c] * gamma[c] - (plain + hat(r, c) * by_hat) / n);
  }
}

}  // namespace breakeven::cpu
