// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cpu_ref/train/judge_operands.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {

using namespace train;

JudgeOperands::JudgeOperands(const Program& program, const Op& op, Arrays& arrays)
    : program_(program), op_(op), arrays_(arrays) {
  arrays_.values.resize(program.values.size());
  const auto arena = static_cast<size_t>(program.arena_size());
  if (!op.parameters.empty() && arrays.parameters.size() != arena)
    throw std::logic_error(
        fmt::format("{}: an arena of {} parameters, not {}", name(op.kind), arrays.parameters.size(), arena));
  if (arrays_.gradients.size() != arena) arrays_.gradients.assign(arena, 0.0);
  if (arrays_.states.size() != static_cast<size_t>(program.state_size())) {
    const std::vector<float> initial = initial_states(program);
    arrays_.states.assign(initial.begin(), initial.end());
  }
}

const double* JudgeOperands::in(size_t i) const {
  const ValueId id = op_.in.at(i);
  const std::vector<double>& array = arrays_.values[static_cast<size_t>(id)];
  if (static_cast<int64_t>(array.size()) != program_.value(id).size())
    throw std::logic_error(fmt::format("{}: '{}' has {} elements, not {}", name(op_.kind),
                                       program_.value(id).name, array.size(), program_.value(id).size()));
  return array.data();
}

double* JudgeOperands::out(size_t i) const {
  const ValueId id = op_.out.at(i);
  std::vector<double>& array = arrays_.values[static_cast<size_t>(id)];
  array.resize(static_cast<size_t>(program_.value(id).size()));
  return array.data();
}

const double* JudgeOperands::parameter(size_t i) const {
  if (i >= op_.parameters.size()) return nullptr;
  return arrays_.parameters.data() + program_.parameter(op_.parameters[i]).offset;
}

double* JudgeOperands::gradient(size_t i) const {
  if (i >= op_.parameters.size()) return nullptr;
  return arrays_.gradients.data() + program_.parameter(op_.parameters[i]).offset;
}

double* JudgeOperands::state(size_t i) const {
  return arrays_.states.data() + program_.states[static_cast<size_t>(op_.states.at(i))].offset;
}

void judge_operation(const Program& program, const Op& op, Arrays& arrays, Mode mode) {
  const JudgeOperands operands(program, op, arrays);
  switch (op.kind) {
    case OpKind::linear:
      return judge_linear(operands);
    case OpKind::linear_data:
      return judge_linear_data(operands);
    case OpKind::linear_weights:
      return judge_linear_weights(operands);
    case OpKind::conv:
      return judge_conv(operands);
    case OpKind::conv_data:
      return judge_conv_data(operands);
    case OpKind::conv_weights:
      return judge_conv_weights(operands);
    case OpKind::batchnorm:
      return judge_batchnorm(operands, mode);
    case OpKind::batchnorm_bwd:
      return judge_batchnorm_bwd(operands);
    case OpKind::layernorm:
      return judge_layernorm(operands);
    case OpKind::layernorm_bwd:
      return judge_layernorm_bwd(operands);
    case OpKind::relu:
    case OpKind::relu_bwd:
    case OpKind::gelu:
    case OpKind::gelu_bwd:
    case OpKind::add:
      return judge_elementwise(operands);
    case OpKind::maxpool:
      return judge_maxpool(operands);
    case OpKind::maxpool_bwd:
      return judge_maxpool_bwd(operands);
    case OpKind::attention:
      return judge_attention(operands);
    case OpKind::attention_bwd:
      return judge_attention_bwd(operands);
    case OpKind::embed:
      return judge_embed(operands);
    case OpKind::embed_bwd:
      return judge_embed_bwd(operands);
    case OpKind::lookup:
      return judge_lookup(operands);
    case OpKind::lookup_bwd:
      return judge_lookup_bwd(operands);
    case OpKind::interaction:
      return judge_interaction(operands);
    case OpKind::interaction_bwd:
      return judge_interaction_bwd(operands);
    case OpKind::cross_entropy:
      return judge_cross_entropy(operands);
    case OpKind::binary_cross_entropy:
      return judge_binary_cross_entropy(operands);
  }
}

}  // namespace breakeven::cpu
