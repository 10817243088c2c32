// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "harness/precision.h"
#include "harness/train/operation_judge.h"
#include "harness/train/program.h"

namespace breakeven::train {

/// Relative errors of one rounding in a training of some precision, and where numbers end.
struct Roundoff {
  double store = 0;    // of an activation on its way to memory
  double narrow = 0;   // the same where activations are narrower than sums (bf16, fp16), else 0
  double factor = 0;   // of a factor on its way into a product (tf32, by truncation too), else 0
  double sum = 0;      // of an addition; also of statistics, losses and gradients of parameters
  double least = 0;    // absolute: what may become zero
};
Roundoff roundoff_of(Precision);

/// A value as its storage keeps it may be off by so much.
double stored(const Roundoff&, Storage, double expected);

/// What rounding may add to a sum of `terms` products, per unit of the sum of their absolute values. Rounding
/// errors of a sum add up like a random walk: four standard deviations (Higham, Mary 2019).
double growth(const Roundoff&, int64_t terms);

/// How far a contender may be from the judge's answer, element by element. `values` are by position in Op::out;
/// `gradients` is an arena (program.h) to which the operation's parts are added.
struct Bounds {
  std::vector<std::vector<double>> values;
  std::vector<double> gradients;
};

/// An operation that the judge has computed: `arrays` holds its inputs, its parameters as the operation reads
/// them and the judge's outputs.
struct Judged {
  const Program& program;
  const Op& op;
  const Arrays& arrays;
  const Roundoff& roundoff;
  std::span<const double> in(size_t i) const { return at(op.in.at(i)); }
  std::span<const double> out(size_t i) const { return at(op.out.at(i)); }
  std::span<const double> parameter(size_t i) const;
  const std::vector<int64_t>& shape(ValueId id) const { return program.value(id).shape; }

 private:
  std::span<const double> at(ValueId id) const { return arrays.values[static_cast<size_t>(id)]; }
};

/// Sets `bounds.values` and adds to `bounds.gradients`. Products are judged once more, on absolute values.
///   products     growth(terms) x (|A| |B|) + storage; a bias or table may be rounded to the activations' precision
///   elementwise  relu and pooling exactly; gelu 64 roundings of |x|
///   norms        operation_bound_norm.cpp; attention: operation_bound_attention.cpp
///   losses       16 roundings, as many as |logit| and sqrt(classes) more
void bound_operation(const Judged&, const OperationJudge&, Bounds&);

void bound_norm(const Judged&, Bounds&);
void bound_norm_gradient(const Judged&, Bounds&);
void bound_attention(const Judged&, Bounds&);
void bound_attention_gradient(const Judged&, Bounds&);

}  // namespace breakeven::train
