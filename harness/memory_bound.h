// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/memory_op.h"

namespace breakeven {

/// How far an element may be from the judge's value: r |expected| for its own rounding (r: the round-off of
/// how the result is stored), and what fp32 arithmetic (u = 2^-24) may lose on the way. A sum of k terms t
/// loses 2 sqrt(k) u |t| sqrt(k), |t| the Euclidean norm: the probabilistic bound of check_gemm.h, for any
/// order. With s = 8 + 2 sqrt(columns), x^ = (x - mean) rstd, g = dy gamma, and norms divided by
/// sqrt(columns) written rms():
///   copy, gather    0: the same bytes
///   triad           2 u (|a| + 3 |b|)
///   softmax         u y (8 + s + |x - largest|): exp turns its argument's absolute error into a relative one
///   layernorm       y: u s (|gamma| ((|x| + rms(x)) rstd + |x^| (rms(x) rstd)^2) + |beta|); a mean loses
///                   u s rms(x), the variance u s rms(x)^2, whether in one pass or in two
///                   mean: u s rms(x); rstd: u s rstd (1 + (rms(x) rstd)^2)
///   layernorm_bwd   dx: u s rstd (|g| + rms(g) + (|x| + |mean|) rstd rms(g x^))
///                   dgamma, dbeta, k rows: u (8 + 2 sqrt(k)) |dy| |x^|, u (8 + 2 sqrt(k)) |dy| sqrt(k), over
///                   a column
///   gelu            16 u |x|: as large where 1 + tanh cancels
///   cross_entropy   loss: u s (1 + |largest| + |x[label]|); dx: (softmax's, with y + the hit for y) / rows
///   adamw           moments: 4 u (beta |m| + (1 - beta) |g|); parameters: 4 u |p| + 16 u rate times the step
///   with
///                   the moment's sum of magnitudes in it
///   scatter_add     k rows added: 2 sqrt(k + 1) u |t| sqrt(k + 1); 0 where none is
/// and, for results that may be smaller than the smallest normal number, that number's part: half the spacing
/// of fp16's subnormals, or fp32's and bf16's smallest normal (processors may be set to flush below it).
class MemoryBound {
 public:
  MemoryBound(const MemoryOp&, const Inputs&);
  double of(size_t result, int64_t index, double expected);

 private:
  struct Row {
    int64_t number = -1;
    double largest = 0, mean = 0, rstd = 0, rms_x = 0, rms_g = 0, rms_g_xhat = 0;
  };
  const Row& row(int64_t number);
  double flat(size_t result, int64_t index) const;
  double softmax_like(double y, int64_t index);
  double layernorm(size_t result, int64_t index);
  double layernorm_dx(int64_t index);
  double layernorm_column(size_t result, int64_t column) const;
  double scattered(int64_t index);
  double arithmetic(size_t result, int64_t index, double expected);

  const MemoryOp& op_;
  const std::vector<Tensor>& o_;
  std::vector<double> roundoffs_, smallest_;  // of each result
  double s_ = 0;
  Row row_;
  std::vector<std::vector<int64_t>> takers_;  // scatter_add: which rows of x go to a row of the table
};

}  // namespace breakeven
