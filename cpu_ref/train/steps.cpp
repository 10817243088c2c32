// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/steps.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace breakeven::cpu {
namespace {

using train::Activation;
using train::Op;
using train::OpKind;
using train::ValueId;

/// The arguments of an operation's loop, by the operation's own words.
class Arguments {
 public:
  Arguments(const StepSource& source, const Op& op) : source_(source), memory_(source.memory), op_(op) {}

  BatchNorm batchnorm() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    BatchNorm made{.x = in(0), .gamma = parameter(0), .beta = parameter(1)};
    (op_.kernel == 2 ? made.pooled : made.y) = out(0);
    made.mean = out<float>(1);
    made.rstd = out<float>(2);
    made.channels = x.back();
    made.rows = size(op_.in[0]) / made.channels;
    if (op_.kernel == 2) std::tie(made.height, made.width) = std::pair(x[1], x[2]);
    made.relu = op_.activation == Activation::relu;
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
    made.relu = op_.activation == Activation::relu;
    made.room = &source_.room;
    return made;
  }
  LayerNorm layernorm() const {
    return {.x = in(0), .gamma = parameter(0), .beta = parameter(1), .y = out(0), .mean = out<float>(1),
            .rstd = out<float>(2), .rows = rows(0), .columns = shape(op_.in[0]).back()};
  }
  LayerNormBackward layernorm_bwd() const {
    return {.x = in(0), .dy = in(3), .mean = in<float>(1), .rstd = in<float>(2), .gamma = parameter(0),
            .dx = out(0), .dgamma = gradient(0), .dbeta = gradient(1), .rows = rows(0),
            .columns = shape(op_.in[0]).back(), .room = &source_.room};
  }
  MaxPool maxpool() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    return {.x = in(0), .y = out(0), .batch = x[0], .height = x[1], .width = x[2], .channels = x[3],
            .kernel = op_.kernel};
  }
  MaxPoolBackward maxpool_bwd() const {
    const std::vector<int64_t>& x = shape(op_.in[0]);
    return {.x = in(0), .dy = in(2), .dx = out(0), .batch = x[0], .height = x[1], .width = x[2],
            .channels = x[3], .kernel = op_.kernel};
  }
  Attention attention() const {
    const std::vector<int64_t>& qkv = shape(op_.in[0]);
    return {.qkv = in(0), .y = out(0), .lse = out<float>(1), .batch = qkv[0], .tokens = qkv[1],
            .width = qkv[2] / 3, .heads = op_.heads, .room = &source_.room};
  }
  AttentionBackward attention_bwd() const {
    const std::vector<int64_t>& qkv = shape(op_.in[0]);
    return {.qkv = in(0), .y = in(1), .dy = in(3), .lse = in<float>(2), .dqkv = out(0), .batch = qkv[0],
            .tokens = qkv[1], .width = qkv[2] / 3, .heads = op_.heads, .room = &source_.room};
  }
  Embed embed() const {
    const std::vector<int64_t>& x = shape(op_.out[0]);
    return {.ids = in<int32_t>(0), .table = parameter(0), .positions = parameter(1), .x = out(0),
            .batch = x[0], .tokens = x[1], .width = x[2]};
  }
  EmbedBackward embed_bwd() const {
    const std::vector<int64_t>& x = shape(op_.in[1]);
    return {.ids = in<int32_t>(0), .dx = in(1), .dtable = gradient(0), .dpositions = gradient(1),
            .batch = x[0], .tokens = x[1], .width = x[2], .vocabulary = table_rows(),
            .accumulate = op_.accumulate};
  }
  Lookup lookup() const {
    return {.rows = in<int32_t>(0), .table = parameter(0), .e = out(0), .count = size(op_.in[0]),
            .width = shape(op_.out[0]).back()};
  }
  LookupBackward lookup_bwd() const {
    return {.rows = in<int32_t>(0), .de = in(1), .dtable = gradient(0), .count = size(op_.in[0]),
            .width = shape(op_.in[1]).back(), .table_rows = table_rows()};
  }
  Interaction interaction() const {
    const std::vector<int64_t>& e = shape(op_.in[1]);
    return {.x = in(0), .e = in(1), .z = out(0), .batch = e[0], .fields = e[1], .width = e[2],
            .room = &source_.room};
  }
  InteractionBackward interaction_bwd() const {
    const std::vector<int64_t>& e = shape(op_.in[1]);
    return {.x = in(0), .e = in(1), .dz = in(2), .dx = out(0), .de = out(1), .batch = e[0], .fields = e[1],
            .width = e[2], .room = &source_.room};
  }
  CrossEntropy loss() const {
    const int64_t labels = size(op_.in[1]);
    return {.logits = in(0), .labels = in<int32_t>(1), .dlogits = out(1), .loss = out<float>(0),
            .rows = labels, .columns = size(op_.in[0]) / labels, .room = &source_.room};
  }
  /// The bias's gradient, of linear_weights with one.
  ColumnSums bias_gradient() const {
    const int64_t columns = memory_.program->parameter(op_.parameters[1]).size;
    return {.x = in(1), .sums = gradient(1), .rows = size(op_.in[1]) / columns, .columns = columns,
            .accumulate = op_.accumulate, .room = &source_.room};
  }

  template <class T = void>
  T* in(size_t i) const {
    return memory_.value<T>(op_.in[i]);
  }
  template <class T = void>
  T* out(size_t i) const {
    return memory_.value<T>(op_.out[i]);
  }
  int64_t size(ValueId id) const { return memory_.program->value(id).size(); }

 private:
  const std::vector<int64_t>& shape(ValueId id) const { return memory_.program->value(id).shape; }
  int64_t rows(size_t i) const { return size(op_.in[i]) / shape(op_.in[i]).back(); }
  float* parameter(size_t i) const { return memory_.parameter(op_.parameters[i]); }
  float* gradient(size_t i) const { return memory_.gradient(op_.parameters[i]); }
  int64_t table_rows() const { return memory_.program->parameter(op_.parameters[0]).shape[0]; }

  const StepSource& source_;
  const ProgramMemory& memory_;
  const Op& op_;
};

template <class A>
std::function<void()> call(void (*loop)(const A&), const A& arguments) {
  return [loop, arguments] { loop(arguments); };
}

/// In training with the batch's statistics, which move the running ones or not; else with the running ones.
std::function<void()> batchnorm(const StepSource& source, const Op& op) {
  BatchNorm frozen = Arguments(source, op).batchnorm();
  BatchNorm moving = frozen;
  moving.running_mean = source.memory.state(op.states[0]);
  moving.running_variance = source.memory.state(op.states[1]);
  return [&loops = source.loops, &running = source.running, frozen, moving] {
    if (running.mode == train::Mode::evaluation) return loops.batchnorm_inference(moving);
    loops.batchnorm(running.moves_statistics ? moving : frozen);
  };
}

/// What the library leaves to do: GELU forward, the bias's gradient backward.
std::function<void()> product(const StepSource& source, const Op& op, Product* made) {
  const Arguments arguments(source, op);
  const TrainLoops& loops = source.loops;
  if (op.kind == OpKind::linear && op.activation == Activation::gelu) {
    return [made, gelu = loops.gelu, z = arguments.out(1), y = arguments.out(0), n = arguments.size(op.out[0])] {
      made->run();
      gelu(z, y, n);
    };
  }
  if (op.kind == OpKind::linear_weights && op.parameters.size() > 1) {
    return [made, sum = call(loops.column_sums, arguments.bias_gradient())] {
      made->run();
      sum();
    };
  }
  return [made] { made->run(); };
}

std::function<void()> loop(const StepSource& source, const Op& op) {
  const Arguments a(source, op);
  const TrainLoops& loops = source.loops;
  switch (op.kind) {
    case OpKind::batchnorm:
      return batchnorm(source, op);
    case OpKind::batchnorm_bwd:
      return call(loops.batchnorm_bwd, a.batchnorm_bwd());
    case OpKind::layernorm:
      return call(loops.layernorm, a.layernorm());
    case OpKind::layernorm_bwd:
      return call(loops.layernorm_bwd, a.layernorm_bwd());
    case OpKind::relu:
    case OpKind::gelu:
      return [f = op.kind == OpKind::relu ? loops.relu : loops.gelu, x = a.in(0), y = a.out(0),
              n = a.size(op.in[0])] { f(x, y, n); };
    case OpKind::relu_bwd:
    case OpKind::gelu_bwd:
    case OpKind::add:
      return [f = op.kind == OpKind::relu_bwd ? loops.relu_bwd : op.kind == OpKind::gelu_bwd ? loops.gelu_bwd : loops.add,
              x = a.in(0), dy = a.in(1), dx = a.out(0), n = a.size(op.in[0])] { f(x, dy, dx, n); };
    case OpKind::maxpool:
      return call(loops.maxpool, a.maxpool());
    case OpKind::maxpool_bwd:
      return call(loops.maxpool_bwd, a.maxpool_bwd());
    case OpKind::attention:
      return call(loops.attention, a.attention());
    case OpKind::attention_bwd:
      return call(loops.attention_bwd, a.attention_bwd());
    case OpKind::embed:
      return call(loops.embed, a.embed());
    case OpKind::embed_bwd:
      return call(loops.embed_bwd, a.embed_bwd());
    case OpKind::lookup:
      return call(loops.lookup, a.lookup());
    case OpKind::lookup_bwd:
      return call(loops.lookup_bwd, a.lookup_bwd());
    case OpKind::interaction:
      return call(loops.interaction, a.interaction());
    case OpKind::interaction_bwd:
      return call(loops.interaction_bwd, a.interaction_bwd());
    case OpKind::cross_entropy:
      return call(loops.cross_entropy, a.loss());
    case OpKind::binary_cross_entropy:
      return call(loops.binary_cross_entropy, a.loss());
    default:
      throw std::logic_error(fmt::format("no loop for {}", train::name(op.kind)));
  }
}

bool is_product(OpKind kind) {
  return kind == OpKind::linear || kind == OpKind::linear_data || kind == OpKind::linear_weights ||
         kind == OpKind::conv || kind == OpKind::conv_data || kind == OpKind::conv_weights;
}

}  // namespace

Step make_step(const StepSource& source, const Op& op) {
  Step made{.op = &op, .product = nullptr, .run = {}};
  if (!is_product(op.kind)) {
    made.run = loop(source, op);
    return made;
  }
  made.product = source.products.make(op);
  made.run = product(source, op, made.product.get());
  return made;
}

LossSum evaluate_loss(const StepSource& source, const Op& op, int64_t rows) {
  CrossEntropy arguments = Arguments(source, op).loss();
  arguments.rows = rows;
  return op.kind == OpKind::cross_entropy ? source.loops.cross_entropy_evaluation(arguments)
                                          : source.loops.binary_cross_entropy_evaluation(arguments);
}

}  // namespace breakeven::cpu
