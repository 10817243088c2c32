// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Linear layers and convolutions, forward and backward.

#include <fmt/format.h>

#include "kernels/cuda/train/norm.h"
#include "kernels/cuda/train/operation_lowering.h"

namespace breakeven::cuda {

using train::Activation;
using train::Op;
using train::OpKind;

namespace {

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

}  // namespace

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

}  // namespace breakeven::cuda
