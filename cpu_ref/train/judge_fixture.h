// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <random>

#include "cpu_ref/train/judge_operations.h"

namespace breakeven::cpu {

/// Random parameters (every one of them, biases and norms included) and a random batch, for tests.
class RandomArrays {
 public:
  explicit RandomArrays(const train::Program& program, uint32_t seed = 1) : program_(program), engine_(seed) {
    arrays_.values.resize(program.values.size());
    arrays_.parameters.assign(static_cast<size_t>(program.arena_size()), 0.0);
    for (const train::Parameter& p : program.parameters) {
      for (int64_t i = p.offset; i < p.offset + p.size; ++i)
        arrays_.parameters[static_cast<size_t>(i)] = p.constant + uniform();
    }
    for (const train::ValueId id : {program.inputs.pixels, program.inputs.dense}) fill(id, 0);
    fill(program.inputs.tokens, rows_of(train::OpKind::embed));
    fill(program.inputs.rows, rows_of(train::OpKind::lookup));
    const bool binary = program.forward.back().kind == train::OpKind::binary_cross_entropy;
    fill(program.inputs.labels, binary ? 2 : program.value(program.logits).shape.back());
  }
  train::Arrays take() { return std::move(arrays_); }

 private:
  double uniform() { return std::uniform_real_distribution<double>(-0.5, 0.5)(engine_); }
  int64_t rows_of(train::OpKind kind) const {
    const auto op = std::ranges::find(program_.forward, kind, &train::Op::kind);
    return op == program_.forward.end() ? 0 : program_.parameter(op->parameters[0]).shape[0];
  }
  /// Whole numbers below `limit`; with 0, of [-1, 1].
  void fill(train::ValueId id, int64_t limit) {
    if (id == train::kNoValue) return;
    std::vector<double>& array = arrays_.values[static_cast<size_t>(id)];
    array.resize(static_cast<size_t>(program_.value(id).size()));
    for (double& x : array)
      x = limit > 0 ? static_cast<double>(std::uniform_int_distribution<int64_t>(0, limit - 1)(engine_))
                    : 2 * uniform();
  }

  const train::Program& program_;
  std::mt19937 engine_;
  train::Arrays arrays_;
};

/// Runs the forward pass and returns the loss.
inline double judged_loss(const train::Program& program, train::Arrays& arrays) {
  for (const train::Op& op : program.forward) judge_operation(program, op, arrays, train::Mode::training);
  return arrays.values[static_cast<size_t>(program.loss)][0];
}

}  // namespace breakeven::cpu
