// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/steps.h"

#include <fmt/format.h>

#include <stdexcept>

#include "cpu_ref/train/step_arguments.h"

namespace breakeven::cpu {
namespace {

using train::Activation;
using train::Op;
using train::OpKind;

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
    return
        [made, gelu = loops.gelu, z = arguments.out(1), y = arguments.out(0), n = arguments.size(op.out[0])] {
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
      return [f = op.kind == OpKind::relu_bwd   ? loops.relu_bwd
                  : op.kind == OpKind::gelu_bwd ? loops.gelu_bwd
                                                : loops.add,
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
