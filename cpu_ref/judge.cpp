// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/judge.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "cpu_ref/conv_judge.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_judge.h"

namespace breakeven::cpu {
namespace {

std::vector<double> decoded(const Tensor* tensor, int64_t size) {
  std::vector<double> values(static_cast<size_t>(size), 0.0);
  if (tensor) tensor->decode(0, 1, values);
  return values;
}

/// With a bias comes the ReLU.
double finish(double sum, const Tensor* bias, double bias_value) {
  return bias ? std::max(0.0, sum + bias_value) : sum;
}

/// The loops, for one type of accumulator. k outside columns, so that B is read along its rows.
template <class Sum>
void multiply_rows_in(const Gemm& g, const Tensor& a, const Tensor& b, const Tensor* bias,
                      const RowSink& row) {
  const std::vector<double> all_b = decoded(&b, b.size()), all_bias = decoded(bias, g.n);
  const size_t n = static_cast<size_t>(g.n), k = static_cast<size_t>(g.k);
#pragma omp parallel
  {
    std::vector<double> a_row(k), values(n);
    std::vector<Sum> sums(n);
#pragma omp for schedule(static)
    for (int64_t i = 0; i < g.batch * g.m; ++i) {
      a.decode(i * g.k, 1, a_row);
      const double* b_row = all_b.data() + i / g.m * g.k * g.n;
      std::ranges::fill(sums, Sum(0));
      for (size_t p = 0; p < k; ++p, b_row += n) {
        for (size_t j = 0; j < n; ++j) sums[j] += static_cast<Sum>(a_row[p]) * static_cast<Sum>(b_row[j]);
      }
      for (size_t j = 0; j < n; ++j) values[j] = finish(static_cast<double>(sums[j]), bias, all_bias[j]);
      row(i, values);
    }
  }
}

template <class Sum>
void multiply_at_in(const Gemm& g, const Inputs& inputs, std::span<const int64_t> probes,
                    std::span<double> out) {
  const Tensor &a = inputs.operands[0], &b = inputs.operands[1];
  const Tensor* bias = g.epilogue == Epilogue::bias_relu ? &inputs.operands[2] : nullptr;
#pragma omp parallel
  {
    std::vector<double> row(static_cast<size_t>(g.k)), column(static_cast<size_t>(g.k));
#pragma omp for schedule(static)
    for (size_t i = 0; i < probes.size(); ++i) {
      const int64_t a_row = probes[i] / g.n, j = probes[i] % g.n;
      a.decode(a_row * g.k, 1, row);
      b.decode(a_row / g.m * g.k * g.n + j, g.n, column);
      Sum sum = 0;
      for (size_t p = 0; p < row.size(); ++p) sum += static_cast<Sum>(row[p]) * static_cast<Sum>(column[p]);
      out[i] = finish(static_cast<double>(sum), bias, bias ? bias->at(j) : 0);
    }
  }
}

}  // namespace

void multiply_rows(const Gemm& g, const Tensor& a, const Tensor& b, const Tensor* bias, const RowSink& row) {
  g.precision == Precision::fp64 ? multiply_rows_in<long double>(g, a, b, bias, row)
                                 : multiply_rows_in<double>(g, a, b, bias, row);
}

std::vector<double> multiply_at(const Gemm& g, const Inputs& inputs, std::span<const int64_t> probes) {
  std::vector<double> out(probes.size());
  // A column of B costs k strided reads: from a quarter of the elements on, the whole product is cheaper.
  if (static_cast<int64_t>(probes.size()) * 4 >= g.outputs()) {
    std::vector<double> all(static_cast<size_t>(g.outputs()));
    const Tensor* bias = g.epilogue == Epilogue::bias_relu ? &inputs.operands[2] : nullptr;
    multiply_rows(
        g, inputs.operands[0], inputs.operands[1], bias,
        [&](int64_t row, std::span<const double> v) { std::ranges::copy(v, all.begin() + row * g.n); });
    std::ranges::transform(probes, out.begin(), [&](int64_t i) { return all[static_cast<size_t>(i)]; });
  } else if (g.precision == Precision::fp64) {
    multiply_at_in<long double>(g, inputs, probes, out);
  } else {
    multiply_at_in<double>(g, inputs, probes, out);
  }
  return out;
}

namespace {

struct JudgeKind {
  const Inputs& inputs;
  std::span<const int64_t> probes;
  std::vector<double> operator()(const Gemm& p) const { return multiply_at(p, inputs, probes); }
  std::vector<double> operator()(const Conv2d& p) const { return convolve_at(p, inputs, probes); }
  std::vector<double> operator()(const MemoryOp& p) const { return memory_at(p, inputs, probes); }
  std::vector<double> operator()(const Transfer& p) const { return transfer_at(p, inputs, probes); }
  std::vector<double> operator()(const TrainTask&) const {
    throw std::logic_error("a training is judged by compiling it (train_judge)");
  }
};

}  // namespace

std::vector<double> judge(const Problem& problem, const Inputs& inputs, std::span<const int64_t> probes) {
  return std::visit(JudgeKind{inputs, probes}, problem);
}

}  // namespace breakeven::cpu
