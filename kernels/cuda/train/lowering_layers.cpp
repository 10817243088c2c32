// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Normalizations, activations, pooling and attention.

#include "kernels/cuda/train/attention.h"
#include "kernels/cuda/train/elementwise.h"
#include "kernels/cuda/train/maxpool.h"
#include "kernels/cuda/train/norm.h"
#include "kernels/cuda/train/operation_lowering.h"

namespace breakeven::cuda {

using train::Activation;
using train::Op;
using train::OpKind;

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

}  // namespace breakeven::cuda
