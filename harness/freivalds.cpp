// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/freivalds.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "harness/operand.h"

namespace breakeven {
namespace {

constexpr int kVectors = 2;

struct Signs {
  std::vector<double> vector[kVectors];  // entries +1 and -1
};

Signs draw_signs(int64_t size, uint64_t seed) {
  Signs signs;
  for (int v = 0; v < kVectors; ++v) {
    signs.vector[v].resize(static_cast<size_t>(size));
    for (size_t i = 0; i < signs.vector[v].size(); ++i) {
      signs.vector[v][i] = uniform_word(seed, 0x80 + static_cast<uint64_t>(v), i) & 1u ? 1.0 : -1.0;
    }
  }
  return signs;
}

/// sum_i values[i] * weights[i] in four chains, so that the additions overlap.
template <class Real>
Real dot(const std::vector<double>& values, const Real* weights) {
  Real sum[4] = {0, 0, 0, 0};
  const size_t size = values.size();
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane)
      sum[lane] += static_cast<Real>(values[i + lane]) * weights[i + lane];
  }
  for (; i < size; ++i) sum[0] += static_cast<Real>(values[i]) * weights[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

double norm_squared(const std::vector<double>& values) { return dot(values, values.data()); }

/// y = B x for both vectors, and the squared Frobenius norm of B. B is [k, n] from element `first`.
template <class Real>
struct Image {
  std::vector<Real> y[kVectors];
  double norm_squared = 0;
};

template <class Real>
Image<Real> image(const Tensor& b, int64_t first, int64_t k, int64_t n,
                  const std::vector<Real> (&x)[kVectors]) {
  Image<Real> made;
  for (auto& y : made.y) y.resize(static_cast<size_t>(k));
  double sum = 0;
#pragma omp parallel reduction(+ : sum)
  {
    std::vector<double> row(static_cast<size_t>(n));
#pragma omp for schedule(static)
    for (int64_t p = 0; p < k; ++p) {
      b.decode(first + p * n, 1, row);
      sum += norm_squared(row);
      for (int v = 0; v < kVectors; ++v) made.y[v][static_cast<size_t>(p)] = dot(row, x[v].data());
    }
  }
  made.norm_squared = sum;
  return made;
}

template <class Real>
void residuals_of_batch(const Gemm& g, const Inputs& inputs, const Tensor& output, int64_t batch,
                        const std::vector<Real> (&x)[kVectors], std::vector<RowResidual>& out) {
  const Image<Real> bx = image<Real>(inputs.operands[1], batch * g.k * g.n, g.k, g.n, x);
#pragma omp parallel
  {
    std::vector<double> a_row(static_cast<size_t>(g.k)), c_row(static_cast<size_t>(g.n));
#pragma omp for schedule(static)
    for (int64_t i = 0; i < g.m; ++i) {
      inputs.operands[0].decode((batch * g.m + i) * g.k, 1, a_row);
      output.decode((batch * g.m + i) * g.n, 1, c_row);
      double worst = 0;
      for (int v = 0; v < kVectors; ++v) {
        const double r = std::abs(static_cast<double>(dot(c_row, x[v].data()) - dot(a_row, bx.y[v].data())));
        if (std::isnan(r) || r > worst) worst = r;  // a NaN, once there, stays
      }
      out[static_cast<size_t>(batch * g.m + i)] = {batch, i, worst, std::sqrt(norm_squared(c_row)),
                                                   std::sqrt(norm_squared(a_row) * bx.norm_squared)};
    }
  }
}

template <class Real>
std::vector<RowResidual> residuals(const Gemm& g, const Inputs& inputs, const Tensor& output, uint64_t seed) {
  const Signs signs = draw_signs(g.n, seed);
  std::vector<Real> x[kVectors];
  for (int v = 0; v < kVectors; ++v) x[v].assign(signs.vector[v].begin(), signs.vector[v].end());
  std::vector<RowResidual> out(static_cast<size_t>(g.batch * g.m));
  for (int64_t batch = 0; batch < g.batch; ++batch)
    residuals_of_batch<Real>(g, inputs, output, batch, x, out);
  return out;
}

}  // namespace

std::vector<RowResidual> freivalds_residuals(const Gemm& g, const Inputs& inputs, const Tensor& output,
                                             uint64_t seed) {
  return g.precision == Precision::fp64 ? residuals<long double>(g, inputs, output, seed)
                                        : residuals<double>(g, inputs, output, seed);
}

}  // namespace breakeven
