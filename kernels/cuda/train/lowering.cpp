// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/lowering.h"

#include <stdexcept>

#include "kernels/cuda/memory/scatter_add.h"
#include "kernels/cuda/train/norm.h"
#include "kernels/cuda/train/operation_lowering.h"
#include "kernels/cuda/train/table.h"

namespace breakeven::cuda {

using train::Op;
using train::OpKind;

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
    if (trains) launch_mean_loss(memory_.loss_rows(), loss, memory_.step_loss(), stream());
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
