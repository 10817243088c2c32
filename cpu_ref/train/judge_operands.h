// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/train/operation_judge.h"

namespace breakeven::cpu {

/// What one operation reads and writes, by its position in the operation's lists.
class JudgeOperands {
 public:
  JudgeOperands(const train::Program& program, const train::Op& op, train::Arrays& arrays);

  const train::Op& op() const { return op_; }
  const double* in(size_t i) const;
  double* out(size_t i) const;
  const double* parameter(size_t i) const;  // null where the operation has fewer
  double* gradient(size_t i) const;         // likewise
  double* state(size_t i) const;

  const std::vector<int64_t>& in_shape(size_t i) const { return program_.value(op_.in.at(i)).shape; }
  const std::vector<int64_t>& out_shape(size_t i) const { return program_.value(op_.out.at(i)).shape; }
  const std::vector<int64_t>& parameter_shape(size_t i) const {
    return program_.parameter(op_.parameters.at(i)).shape;
  }
  int64_t in_size(size_t i) const { return program_.value(op_.in.at(i)).size(); }
  int64_t out_size(size_t i) const { return program_.value(op_.out.at(i)).size(); }
  int64_t parameter_size(size_t i) const { return program_.parameter(op_.parameters.at(i)).size; }

 private:
  const train::Program& program_;
  const train::Op& op_;
  train::Arrays& arrays_;
};

// The families; each answers its kinds of operation.
void judge_linear(const JudgeOperands&);
void judge_linear_data(const JudgeOperands&);
void judge_linear_weights(const JudgeOperands&);
void judge_conv(const JudgeOperands&);
void judge_conv_data(const JudgeOperands&);
void judge_conv_weights(const JudgeOperands&);
void judge_batchnorm(const JudgeOperands&, train::Mode);
void judge_batchnorm_bwd(const JudgeOperands&);
void judge_layernorm(const JudgeOperands&);
void judge_layernorm_bwd(const JudgeOperands&);
void judge_elementwise(const JudgeOperands&);  // relu, gelu, their gradients, add
void judge_maxpool(const JudgeOperands&);
void judge_maxpool_bwd(const JudgeOperands&);
void judge_attention(const JudgeOperands&);
void judge_attention_bwd(const JudgeOperands&);
void judge_embed(const JudgeOperands&);
void judge_embed_bwd(const JudgeOperands&);
void judge_lookup(const JudgeOperands&);
void judge_lookup_bwd(const JudgeOperands&);
void judge_interaction(const JudgeOperands&);
void judge_interaction_bwd(const JudgeOperands&);
void judge_cross_entropy(const JudgeOperands&);
void judge_binary_cross_entropy(const JudgeOperands&);

}  // namespace breakeven::cpu
