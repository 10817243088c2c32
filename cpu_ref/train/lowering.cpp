// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/lowering.h"

#include <algorithm>

namespace breakeven::cpu {
namespace {

using train::Op;
using train::OpKind;
using train::Program;
using train::ValueId;

void read_no_results(Program& program) {
  for (Op& op : program.backward) {
    if (op.kind == OpKind::batchnorm_bwd || op.kind == OpKind::maxpool_bwd) op.in[1] = op.in[0];
  }
}

int64_t readers(const std::vector<Op>& ops, ValueId id) {
  return std::ranges::count_if(ops, [&](const Op& op) { return std::ranges::count(op.in, id) > 0; });
}

auto reader_of(std::vector<Op>& ops, OpKind kind, ValueId id) {
  return std::ranges::find_if(ops, [&](const Op& op) { return op.kind == kind && op.in[0] == id; });
}

/// Draws the pooling of `norm`'s result into it, where that is possible.
void draw_pooling_in(Program& program, size_t norm) {
  const ValueId x = program.forward[norm].in[0], y = program.forward[norm].out[0];
  const std::vector<int64_t> shape = program.value(x).shape;
  if (shape.size() != 4 || shape[1] % 2 != 0 || shape[2] % 2 != 0) return;
  const auto pool = reader_of(program.forward, OpKind::maxpool, y);
  if (pool == program.forward.end() || pool->kernel != 2) return;
  const auto pool_back = reader_of(program.backward, OpKind::maxpool_bwd, y);
  const auto norm_back = reader_of(program.backward, OpKind::batchnorm_bwd, x);
  if (pool_back == program.backward.end() || norm_back == program.backward.end()) return;
  if (readers(program.forward, y) != 1 || readers(program.backward, y) != 1) return;
  if (norm_back->in[4] != pool_back->out[0] || readers(program.backward, pool_back->out[0]) != 1) return;
  norm_back->in[4] = pool_back->in[2];
  norm_back->kernel = 2;
  program.forward[norm].out[0] = pool->out[0];
  program.forward[norm].kernel = 2;
  program.backward.erase(pool_back);
  program.forward.erase(pool);
}

}  // namespace

Program lowered(const Program& given) {
  Program program = given;
  read_no_results(program);
  for (size_t i = 0; i < program.forward.size(); ++i) {
    if (program.forward[i].kind == OpKind::batchnorm) draw_pooling_in(program, i);
  }
  return program;
}

}  // namespace breakeven::cpu
