// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>
#include <utility>

#include "cpu_ref/train/steps.h"

namespace breakeven::cpu {

/// The arguments of an operation's loop, by the operation's own words.
class Arguments {
 public:
  Arguments(const StepSource& source, const train::Op& op)
      : source_(source), memory_(source.memory), op_(op) {}

  BatchNorm batchnorm() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    BatchNorm made{.x = in(0), .gamma = parameter(0), .beta = parameter(1)};
    (op_.kernel == 2 ? made.pooled : made.y) = out(0);
    made.mean = out<float>(1);
    made.rstd = out<float>(2);
    made.channels = x.back();
    made.rows = size(op_.in[0]) / made.channels;
    if (op_.kernel == 2) std::tie(made.height, made.width) = std::pair(x[1], x[2]);
    made.relu = op_.activation == train::Activation::relu;
    made.room = &source_.room;
    return made;
  }
  BatchNormBackward batchnorm_bwd() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    BatchNormBackward made{.x = in(0)};
    (op_.kernel == 2 ? made.dpooled : made.dy) = in(4);
    made.mean = in<float>(2);
    made.rstd = in<float>(3);
    made.gamma = parameter(0);
    made.beta = parameter(1);
    made.dx = out(0);
    made.dgamma = gradient(0);
    made.dbeta = gradient(1);
    made.channels = x.back();
    made.rows = size(op_.in[0]) / made.channels;
    if (op_.kernel == 2) std::tie(made.height, made.width) = std::pair(x[1], x[2]);
    made.relu = op_.activation == train::Activation::relu;
    made.room = &source_.room;
    return made;
  }
  LayerNorm layernorm() const {
    return {.x = in(0),
            .gamma = parameter(0),
            .beta = parameter(1),
            .y = out(0),
            .mean = out<float>(1),
            .rstd = out<float>(2),
            .rows = rows(0),
            .columns = shape(op_.in[0]).back()};
  }
  LayerNormBackward layernorm_bwd() const {
    return {.x = in(0),
            .dy = in(3),
            .mean = in<float>(1),
            .rstd = in<float>(2),
            .gamma = parameter(0),
            .dx = out(0),
            .dgamma = gradient(0),
            .dbeta = gradient(1),
            .rows = rows(0),
            .columns = shape(op_.in[0]).back(),
            .room = &source_.room};
  }
  MaxPool maxpool() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    return {.x = in(0),
            .y = out(0),
            .batch = x[0],
            .height = x[1],
            .width = x[2],
            .channels = x[3],
            .kernel = op_.kernel};
  }
  MaxPoolBackward maxpool_bwd() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    return {.x = in(0),
            .dy = in(2),
            .dx = out(0),
            .batch = x[0],
            .height = x[1],
            .width = x[2],
            .channels = x[3],
            .kernel = op_.kernel};
  }
  Attention attention() const {
    const std::vector<int64_t>& qkv = shape(op_.in[0]);
    return {.qkv = in(0),
            .y = out(0),
            .lse = out<float>(1),
            .batch = qkv[0],
            .tokens = qkv[1],
            .width = qkv[2] / 3,
            .heads = op_.heads,
            .room = &source_.room};
  }
  AttentionBackward attention_bwd() const {
    const std::vector<int64_t>& qkv = shape(op_.in[0]);
    return {.qkv = in(0),
            .y = in(1),
            .dy = in(3),
            .lse = in<float>(2),
            .dqkv = out(0),
            .batch = qkv[0],
            .tokens = qkv[1],
            .width = qkv[2] / 3,
            .heads = op_.heads,
            .room = &source_.room};
  }
  Embed embed() const {
    const std::vector<int64_t>& x = shape(op_.out[0]);
    return {.ids = in<int32_t>(0),
            .table = parameter(0),
            .positions = parameter(1),
            .x = out(0),
            .batch = x[0],
            .tokens = x[1],
            .width = x[2]};
  }
  EmbedBackward embed_bwd() const {
    const std::vector<int64_t>& x = shape(op_.in[1]);
    return {.ids = in<int32_t>(0),
            .dx = in(1),
            .dtable = gradient(0),
            .dpositions = gradient(1),
            .batch = x[0],
            .tokens = x[1],
            .width = x[2],
            .vocabulary = table_rows(),
            .accumulate = op_.accumulate};
  }
  Lookup lookup() const {
    return {.rows = in<int32_t>(0),
            .table = parameter(0),
            .e = out(0),
            .count = size(op_.in[0]),
            .width = shape(op_.out[0]).back()};
  }
  LookupBackward lookup_bwd() const {
    return {.rows = in<int32_t>(0),
            .de = in(1),
            .dtable = gradient(0),
            .count = size(op_.in[0]),
            .width = shape(op_.in[1]).back(),
            .table_rows = table_rows()};
  }
  Interaction interaction() const {
    const std::vector<int64_t>& e = shape(op_.in[1]);
    return {.x = in(0),
            .e = in(1),
            .z = out(0),
            .batch = e[0],
            .fields = e[1],
            .width = e[2],
            .room = &source_.room};
  }
  InteractionBackward interaction_bwd() const {
    const std::vector<int64_t>& e = shape(op_.in[1]);
    return {.x = in(0),
            .e = in(1),
            .dz = in(2),
            .dx = out(0),
            .de = out(1),
            .batch = e[0],
            .fields = e[1],
            .width = e[2],
            .room = &source_.room};
  }
  CrossEntropy loss() const {
    const int64_t labels = size(op_.in[1]);
    return {.logits = in(0),
            .labels = in<int32_t>(1),
            .dlogits = out(1),
            .loss = out<float>(0),
            .rows = labels,
            .columns = size(op_.in[0]) / labels,
            .room = &source_.room};
  }
  /// The bias's gradient, of linear_weights with one.
  ColumnSums bias_gradient() const {
    const int64_t columns = memory_.program->parameter(op_.parameters[1]).size;
    return {.x = in(1),
            .sums = gradient(1),
            .rows = size(op_.in[1]) / columns,
            .columns = columns,
            .accumulate = op_.accumulate,
            .room = &source_.room};
  }

  template <class T = void>
  T* in(size_t i) const {
    return memory_.value<T>(op_.in[i]);
  }
  template <class T = void>
  T* out(size_t i) const {
    return memory_.value<T>(op_.out[i]);
  }
  int64_t size(train::ValueId id) const { return memory_.program->value(id).size(); }

 private:
  const std::vector<int64_t>& shape(train::ValueId id) const { return memory_.program->value(id).shape; }
  int64_t rows(size_t i) const { return size(op_.in[i]) / shape(op_.in[i]).back(); }
  float* parameter(size_t i) const { return memory_.parameter(op_.parameters[i]); }
  float* gradient(size_t i) const { return memory_.gradient(op_.parameters[i]); }
  int64_t table_rows() const { return memory_.program->parameter(op_.parameters[0]).shape[0]; }

  const StepSource& source_;
  const ProgramMemory& memory_;
  const train::Op& op_;
};

}  // namespace breakeven::cpu
