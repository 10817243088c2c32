// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/lowering.h"

#include <fmt/format.h>

#include <stdexcept>

#include "kernels/cuda/memory/scatter_add.h"
#include "kernels/cuda/train/attention.h"
#include "kernels/cuda/train/elementwise.h"
#include "kernels/cuda/train/maxpool.h"
#include "kernels/cuda/train/norm.h"
#include "kernels/cuda/train/table.h"

namespace breakeven::cuda {
namespace {

using train::Activation;
using train::Op;
using train::OpKind;
using train::ValueId;

class Lowering {
 public:
  Lowering(const train::Program& program, Precision precision, TrainMemory& memory, Products& products,
           const Context& context)
      : p_(program), precision_(precision), memory_(memory), products_(products), context_(context) {}
  TrainLaunch operator()(const Op& op);

 private:
  const std::vector<int64_t>& shape(ValueId id) const { return p_.value(id).shape; }
  int64_t size(ValueId id) const { return p_.value(id).size(); }
  const train::Parameter& parameter(const Op& op, size_t i) const { return p_.parameter(op.parameters[i]); }
  void* at(ValueId id) const { return memory_.value(id); }
  cudaStream_t stream() const { return context_.stream(); }

  TrainLaunch linear(const Op&);
  TrainLaunch linear_gradient(const Op&);
  TrainLaunch bias_gradient(const Op&, TrainLaunch before);
  TrainLaunch convolution(const Op&);
  TrainLaunch batchnorm(const Op&);
  TrainLaunch layernorm(const Op&);
  TrainLaunch elementwise(const Op&);
  TrainLaunch maxpool(const Op&);
  TrainLaunch attention(const Op&);
  TrainLaunch table(const Op&);
  TrainLaunch table_gradient(const Op&);
  TrainLaunch interaction(const Op&);
  TrainLaunch loss(const Op&);
  TrainLaunch product(const Conv2d&, const void* first, const void* second, void* result, const ProductEnd&);

  const train::Program& p_;
  Precision precision_;
  TrainMemory& memory_;
  Products& products_;
  const Context& context_;
};

/// Images of one pixel: rows of x.
Conv2d linear_as_convolution(Direction direction, Precision precision, int64_t rows, int64_t in,
                             int64_t out) {
  return {.direction = direction,
          .n = rows,
          .c = in,
          .h = 1,
          .w = 1,
          .k = out,
          .r = 1,
          .s = 1,
          .precision = precision};
}

TrainLaunch Lowering::product(const Conv2d& c, const void* first, const void* second, void* result,
                              const ProductEnd& end) {
  const auto extent = [](int64_t value) { return static_cast<int>(value); };
  for (const int64_t value : {c.n, c.c, c.h, c.w, c.k}) {
    if (value > 1 << 24) throw Unsupported(fmt::format("{}: an extent is larger than 2^24", c.name()));
  }
  const ConvArguments arguments{first,
                                second,
                                nullptr,
                                result,
                                extent(c.n),
                                extent(c.c),
                                extent(c.h),
                                extent(c.w),
                                extent(c.k),
                                extent(c.r),
                                extent(c.s),
                                extent(c.p()),
                                extent(c.q()),
                                extent(c.stride),
                                extent(c.padding),
                                1,
                                1};
  return [launch = products_.prepare({c, arguments, end})](Pass) { launch(); };
}

TrainLaunch Lowering::linear(const Op& op) {
  const train::Parameter& w = parameter(op, 0);
  const Conv2d conv = linear_as_convolution(Direction::forward, precision_, size(op.in[0]) / w.shape[1],
                                            w.shape[1], w.shape[0]);
  ProductEnd end{.scale = op.scale, .activation = op.activation};
  if (op.parameters.size() > 1) end.bias = memory_.parameter(parameter(op, 1));
  if (op.activation == Activation::gelu) end.before = at(op.out[1]);
  return product(conv, at(op.in[0]), memory_.operand(w), at(op.out[0]), end);
}

TrainLaunch Lowering::linear_gradient(const Op& op) {
  const train::Parameter& w = parameter(op, 0);
  const bool data = op.kind == OpKind::linear_data;
  const int64_t rows = size(op.in[data ? 0 : 1]) / w.shape[0];
  const Conv2d conv = linear_as_convolution(data ? Direction::backward_data : Direction::backward_weights,
                                            precision_, rows, w.shape[1], w.shape[0]);
  const ProductEnd end{.scale = op.scale, .accumulate = op.accumulate};
  if (data) return product(conv, at(op.in[0]), memory_.operand(w), at(op.out[0]), end);
  TrainLaunch weights = product(conv, at(op.in[0]), at(op.in[1]), memory_.gradient(w), end);
  return op.parameters.size() > 1 ? bias_gradient(op, std::move(weights)) : weights;
}

TrainLaunch Lowering::bias_gradient(const Op& op, TrainLaunch before) {
  const train::Parameter& bias = parameter(op, 1);
  const int64_t rows = size(op.in[1]) / bias.size;
  return [this, before = std::move(before), dz = at(op.in[1]), rows, columns = bias.size,
          to = memory_.gradient(bias), accumulate = op.accumulate](Pass pass) {
    before(pass);
    launch_sum_columns(precision_, dz, to, rows, columns, accumulate, memory_.scratch(), stream());
  };
}

TrainLaunch Lowering::convolution(const Op& op) {
  const train::Parameter& w = parameter(op, 0);
  const bool data = op.kind == OpKind::conv_data;
  const std::vector<int64_t>& x = shape(data ? op.out[0] : op.in[0]);
  Conv2d conv{.n = x[0],
              .c = x[3],
              .h = x[1],
              .w = x[2],
              .k = w.shape[0],
              .r = w.shape[1],
              .s = w.shape[2],
              .stride = op.stride,
              .padding = op.padding,
              .precision = precision_};
  if (op.kind == OpKind::conv) return product(conv, at(op.in[0]), memory_.operand(w), at(op.out[0]), {});
  conv.direction = data ? Direction::backward_data : Direction::backward_weights;
  if (data) return product(conv, at(op.in[0]), memory_.operand(w), at(op.out[0]), {});
  return product(conv, at(op.in[0]), at(op.in[1]), memory_.gradient(w), {});
}

TrainLaunch Lowering::batchnorm(const Op& op) {
  const train::Parameter &gamma = parameter(op, 0), &beta = parameter(op, 1);
  BatchNorm norm{.rows = size(op.in[0]) / gamma.size,
                 .columns = gamma.size,
                 .relu = op.activation == Activation::relu,
                 .gamma = memory_.parameter(gamma),
                 .beta = memory_.parameter(beta)};
  if (op.kind == OpKind::batchnorm_bwd) {
    norm.mean = memory_.value<float>(op.in[2]), norm.rstd = memory_.value<float>(op.in[3]);
    return [this, norm, x = at(op.in[0]), y = at(op.in[1]), dy = at(op.in[4]), dx = at(op.out[0]),
            dgamma = memory_.gradient(gamma), dbeta = memory_.gradient(beta)](Pass) {
      launch_batchnorm_bwd(precision_, norm, x, y, dy, dx, dgamma, dbeta, memory_.scratch(), stream());
    };
  }
  norm.mean = memory_.value<float>(op.out[1]), norm.rstd = memory_.value<float>(op.out[2]);
  norm.running_mean = memory_.state(p_.states[static_cast<size_t>(op.states[0])]);
  norm.running_variance = memory_.state(p_.states[static_cast<size_t>(op.states[1])]);
  return [this, norm, x = at(op.in[0]), y = at(op.out[0])](Pass pass) {
    if (pass == Pass::evaluation) return launch_batchnorm_evaluation(precision_, norm, x, y, stream());
    launch_batchnorm(precision_, norm, pass == Pass::step ? Running::moves : Running::stays, x, y,
                     memory_.scratch(), stream());
  };
}

TrainLaunch Lowering::layernorm(const Op& op) {
  const train::Parameter &gamma = parameter(op, 0), &beta = parameter(op, 1);
  LayerNorm norm{.rows = size(op.in[0]) / gamma.size,
                 .columns = gamma.size,
                 .gamma = memory_.parameter(gamma),
                 .beta = memory_.parameter(beta)};
  if (op.kind == OpKind::layernorm_bwd) {
    norm.mean = memory_.value<float>(op.in[1]), norm.rstd = memory_.value<float>(op.in[2]);
    return [this, norm, x = at(op.in[0]), dy = at(op.in[3]), dx = at(op.out[0]),
            dgamma = memory_.gradient(gamma), dbeta = memory_.gradient(beta)](Pass) {
      launch_layernorm_bwd(precision_, norm, x, dy, dx, dgamma, dbeta, memory_.scratch(), stream());
    };
  }
  norm.mean = memory_.value<float>(op.out[1]), norm.rstd = memory_.value<float>(op.out[2]);
  return [this, norm, x = at(op.in[0]), y = at(op.out[0])](Pass) {
    launch_layernorm(precision_, norm, x, y, stream());
  };
}

TrainLaunch Lowering::elementwise(const Op& op) {
  const int64_t count = size(op.out[0]);
  void *first = at(op.in[0]), *second = op.in.size() > 1 ? at(op.in[1]) : nullptr, *to = at(op.out[0]);
  const Activation activation =
      op.kind == OpKind::gelu || op.kind == OpKind::gelu_bwd ? Activation::gelu : Activation::relu;
  if (op.kind == OpKind::add)
    return [=, this](Pass) { launch_add(precision_, first, second, to, count, stream()); };
  if (op.kind == OpKind::relu || op.kind == OpKind::gelu)
    return [=, this](Pass) { launch_activation(precision_, activation, first, to, count, stream()); };
  return
      [=, this](Pass) { launch_activation_bwd(precision_, activation, first, second, to, count, stream()); };
}

TrainLaunch Lowering::maxpool(const Op& op) {
  const std::vector<int64_t>& x = shape(op.in[0]);
  const MaxPool pool{x[0], x[1], x[2], x[3], op.kernel};
  if (op.kind == OpKind::maxpool)
    return [this, pool, x = at(op.in[0]), y = at(op.out[0])](Pass) {
      launch_maxpool(precision_, pool, x, y, stream());
    };
  return [this, pool, x = at(op.in[0]), y = at(op.in[1]), dy = at(op.in[2]), dx = at(op.out[0])](Pass) {
    launch_maxpool_bwd(precision_, pool, x, y, dy, dx, stream());
  };
}

TrainLaunch Lowering::attention(const Op& op) {
  const std::vector<int64_t>& qkv = shape(op.in[0]);
  const Attention a{qkv[0], qkv[1], op.heads, qkv[2] / (3 * op.heads)};
  const auto most = static_cast<int64_t>(context_.properties().sharedMemPerBlockOptin);
  if (const Reason why = why_not_attention(a, most)) throw Unsupported(*why);
  if (op.kind == OpKind::attention)
    return [this, a, x = at(op.in[0]), y = at(op.out[0]), lse = memory_.value<float>(op.out[1])](Pass) {
      launch_attention(precision_, a, x, y, lse, stream());
    };
  return
      [this, a, x = at(op.in[0]), y = at(op.in[1]), lse = memory_.value<float>(op.in[2]), dy = at(op.in[3]),
       dx = at(op.out[0])](Pass) { launch_attention_bwd(precision_, a, x, y, lse, dy, dx, stream()); };
}

TrainLaunch Lowering::table(const Op& op) {
  const std::vector<int64_t>& out = shape(op.out[0]);
  Embedding e{
      .table = memory_.parameter(parameter(op, 0)), .batch = out[0], .tokens = out[1], .width = out[2]};
  if (op.kind == OpKind::embed) e.positions = memory_.parameter(parameter(op, 1));
  return [this, e, tokens = memory_.value<int>(op.in[0]), x = at(op.out[0])](Pass) {
    launch_embed(precision_, e, tokens, x, stream());
  };
}

TrainLaunch Lowering::table_gradient(const Op& op) {
  const train::Parameter& rows = parameter(op, 0);
  float* const positions = op.kind == OpKind::embed_bwd ? memory_.gradient(parameter(op, 1)) : nullptr;
  const int64_t batch = shape(op.in[0])[0], per_sample = size(op.in[1]) / batch;
  return [=, this, to = memory_.gradient(rows), count = size(op.in[0]), height = rows.shape[0],
          width = rows.shape[1], bytes = static_cast<size_t>(rows.size) * 4, accumulate = op.accumulate,
          index = memory_.value<int>(op.in[0]), dx = at(op.in[1])](Pass) {
    if (!accumulate) check_cuda(cudaMemsetAsync(to, 0, bytes, stream()), "clearing a gradient");
    launch_scatter_add(precision_, to, index, dx, count, height, width, context_);
    if (positions)
      launch_sum_columns(precision_, dx, positions, batch, per_sample, false, memory_.scratch(), stream());
  };
}

TrainLaunch Lowering::interaction(const Op& op) {
  const std::vector<int64_t>& e = shape(op.in[1]);
  const Interaction i{e[0], e[1], e[2]};
  if (op.kind == OpKind::interaction)
    return [this, i, x = at(op.in[0]), e = at(op.in[1]), z = at(op.out[0])](Pass) {
      launch_interaction(precision_, i, x, e, z, stream());
    };
  return [this, i, x = at(op.in[0]), e = at(op.in[1]), dz = at(op.in[2]), dx = at(op.out[0]),
          de = at(op.out[1])](Pass) { launch_interaction_bwd(precision_, i, x, e, dz, dx, de, stream()); };
}

TrainLaunch Lowering::loss(const Op& op) {
  const auto launch = op.kind == OpKind::cross_entropy ? launch_cross_entropy : launch_binary_cross_entropy;
  return [this, launch, logits = at(op.in[0]), gradient = at(op.out[1]),
          loss = memory_.value<float>(op.out[0])](Pass pass) {
    const bool trains = pass != Pass::evaluation;
    launch(precision_, memory_.loss_rows(), logits, trains ? gradient : nullptr, memory_.control(), stream());
    if (trains) launch_mean_loss(memory_.loss_rows(), loss, memory_.next_loss(), stream());
  };
}

TrainLaunch Lowering::operator()(const Op& op) {
  switch (op.kind) {
    case OpKind::linear:
      return linear(op);
    case OpKind::linear_data:
    case OpKind::linear_weights:
      return linear_gradient(op);
    case OpKind::conv:
    case OpKind::conv_data:
    case OpKind::conv_weights:
      return convolution(op);
    case OpKind::batchnorm:
    case OpKind::batchnorm_bwd:
      return batchnorm(op);
    case OpKind::layernorm:
    case OpKind::layernorm_bwd:
      return layernorm(op);
    case OpKind::relu:
    case OpKind::relu_bwd:
    case OpKind::gelu:
    case OpKind::gelu_bwd:
    case OpKind::add:
      return elementwise(op);
    case OpKind::maxpool:
    case OpKind::maxpool_bwd:
      return maxpool(op);
    case OpKind::attention:
    case OpKind::attention_bwd:
      return attention(op);
    case OpKind::embed:
    case OpKind::lookup:
      return table(op);
    case OpKind::embed_bwd:
    case OpKind::lookup_bwd:
      return table_gradient(op);
    case OpKind::interaction:
    case OpKind::interaction_bwd:
      return interaction(op);
    case OpKind::cross_entropy:
    case OpKind::binary_cross_entropy:
      return loss(op);
  }
  throw std::logic_error("an operation that no kernel is written for");
}

}  // namespace

LoweredProgram lower(const train::Program& program, Precision precision, TrainMemory& memory,
                     Products& products, const Context& context) {
  const auto lowering = std::make_shared<Lowering>(program, precision, memory, products, context);
  LoweredProgram lowered;
  for (const Op& op : program.forward) lowered.forward.push_back((*lowering)(op));
  for (const Op& op : program.backward) lowered.backward.push_back((*lowering)(op));
  lowered.kept = lowering;
  return lowered;
}

}  // namespace breakeven::cuda
