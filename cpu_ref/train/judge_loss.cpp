// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "cpu_ref/train/judge_operands.h"
#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

/// The exponentials of a row of logits, as exp(logit - most), and their sum.
struct Exponentials {
  Exponentials(const double* logits, int64_t classes) : most(*std::max_element(logits, logits + classes)) {
    for (int64_t i = 0; i < classes; ++i) sum += std::exp(logits[i] - most);
  }
  double minus_log(double logit) const { return std::log(sum) + (most - logit); }
  double probability(double logit) const { return std::exp(logit - most) / sum; }
  double most, sum = 0;
};

}  // namespace

double cross_entropy_of(const double* logits, int64_t classes, int64_t label) {
  return Exponentials(logits, classes).minus_log(logits[label]);
}

/// log(1 + exp(logit)) - label logit, without overflow.
double binary_cross_entropy_of(double logit, double label) {
  return std::max(logit, 0.0) + std::log1p(std::exp(-std::abs(logit))) - label * logit;
}

void judge_cross_entropy(const JudgeOperands& o) {
  const int64_t classes = o.in_shape(0).back(), rows = o.in_size(0) / classes;
  const double *logits = o.in(0), *labels = o.in(1);
  double *loss = o.out(0), *gradient = o.out(1);
  const bool known =
      std::all_of(labels, labels + rows, [&](double l) { return l >= 0 && l < double(classes); });
  if (!known) throw std::out_of_range(fmt::format("a label outside of 0..{}", classes - 1));
  const double n = static_cast<double>(rows);
  const std::vector<double> sum = sum_over_rows(rows, 1, [&](int64_t r, double* into) {
    const double* from = logits + r * classes;
    const Exponentials e(from, classes);
    const auto label = static_cast<int64_t>(labels[r]);
    *into += e.minus_log(from[label]);
    for (int64_t i = 0; i < classes; ++i)
      gradient[r * classes + i] = (e.probability(from[i]) - (i == label ? 1 : 0)) / n;
  });
  loss[0] = sum[0] / n;
}

void judge_binary_cross_entropy(const JudgeOperands& o) {
  const double *logits = o.in(0), *labels = o.in(1);
  double *loss = o.out(0), *gradient = o.out(1);
  const int64_t rows = o.in_size(0);
  const double n = static_cast<double>(rows);
  const std::vector<double> sum = sum_over_rows(rows, 1, [&](int64_t r, double* into) {
    *into += binary_cross_entropy_of(logits[r], labels[r]);
    gradient[r] = (1 / (1 + std::exp(-logits[r])) - labels[r]) / n;
  });
  loss[0] = sum[0] / n;
}

}  // namespace breakeven::cpu
