// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/operation_bound.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace breakeven::train {
namespace {

constexpr double kGeluSlope = 1.13;  // the steepest there is
constexpr double kGeluRoundings = 64, kLossRoundings = 16;

/// Products that are added up in one element of the result.
int64_t terms_of(const Program& p, const Op& op) {
  const auto weight = [&](size_t i) { return p.parameter(op.parameters.at(0)).shape.at(i); };
  switch (op.kind) {
    case OpKind::linear:
      return weight(1);
    case OpKind::linear_data:
      return weight(0);
    case OpKind::linear_weights:
      return p.value(op.in.at(1)).size() / weight(0);
    case OpKind::conv:
      return weight(1) * weight(2) * weight(3);
    case OpKind::conv_data:
      return weight(1) * weight(2) * weight(0);
    case OpKind::conv_weights:
      return p.value(op.in.at(1)).size() / weight(0);
    case OpKind::interaction:
      return p.value(op.in.at(0)).shape.at(1);
    case OpKind::interaction_bwd:
      return p.value(op.in.at(1)).shape.at(1) + 1;
    case OpKind::embed_bwd:
    case OpKind::lookup_bwd:
      return p.value(op.in.at(0)).size();
    default:
      return 2;
  }
}

bool is_weighted_product(OpKind kind) {
  using enum OpKind;
  return kind == linear || kind == linear_data || kind == conv || kind == conv_data || kind == linear_weights ||
         kind == conv_weights;
}

/// The same operation on absolute values, nothing after the product: the sums of absolute values.
Arrays magnitudes(const Judged& j, const OperationJudge& judge) {
  Arrays arrays;
  arrays.values.resize(j.program.values.size());
  for (const ValueId id : j.op.in) {
    auto& values = arrays.values[static_cast<size_t>(id)] = j.arrays.values[static_cast<size_t>(id)];
    for (double& v : values) v = std::abs(v);
  }
  arrays.parameters.assign(j.arrays.parameters.size(), 0);
  for (const int id : j.op.parameters) {
    const Parameter& p = j.program.parameter(id);
    for (int64_t i = p.offset; i < p.offset + p.size; ++i)
      arrays.parameters[static_cast<size_t>(i)] = std::abs(j.arrays.parameters[static_cast<size_t>(i)]);
  }
  arrays.gradients.assign(j.arrays.parameters.size(), 0);
  arrays.states = j.arrays.states;
  Op plain = j.op;
  plain.scale = std::abs(plain.scale);
  plain.activation = Activation::none;
  plain.accumulate = false;
  if (plain.kind == OpKind::linear) plain.out.resize(1);
  judge(j.program, plain, arrays, Mode::training);
  return arrays;
}

/// `linear` with its activation: y is at most as far off as z, times the slope.
void bound_linear_outputs(const Judged& j, std::span<const double> magnitude, double factor, Bounds& bounds) {
  const bool gelu = j.op.activation == Activation::gelu, biased = j.op.parameters.size() > 1;
  const std::span<const double> y = j.out(0), z = j.out(gelu ? 1 : 0);
  const int64_t width = j.program.parameter(j.op.parameters.at(0)).shape.at(0);
  for (size_t i = 0; i < y.size(); ++i) {
    const double bias = biased ? std::abs(j.parameter(1)[i % static_cast<size_t>(width)]) : 0;
    const double sum = factor * magnitude[i] + j.roundoff.narrow * bias;
    const double whole = sum + stored(j.roundoff, Storage::activation, z[i]);
    if (gelu) bounds.values[1][i] = whole;
    bounds.values[0][i] = gelu ? kGeluSlope * whole + kGeluRoundings * j.roundoff.sum * std::abs(z[i]) +
                                     stored(j.roundoff, Storage::activation, y[i])
                               : sum + stored(j.roundoff, Storage::activation, y[i]);
  }
}

void bound_product(const Judged& j, const OperationJudge& judge, Bounds& bounds) {
  const Arrays magnitude = magnitudes(j, judge);
  double factor = growth(j.roundoff, terms_of(j.program, j.op));
  // Tables and positions may be read rounded, as weights are.
  if (!is_weighted_product(j.op.kind)) factor += j.roundoff.narrow;
  if (j.op.kind == OpKind::linear)
    return bound_linear_outputs(j, magnitude.values[static_cast<size_t>(j.op.out[0])], factor, bounds);
  for (size_t o = 0; o < j.op.out.size(); ++o) {
    const auto& sums = magnitude.values[static_cast<size_t>(j.op.out[o])];
    for (size_t i = 0; i < sums.size(); ++i)
      bounds.values[o][i] = factor * sums[i] + stored(j.roundoff, Storage::activation, j.out(o)[i]);
  }
  for (size_t i = 0; i < magnitude.gradients.size(); ++i) bounds.gradients[i] += factor * magnitude.gradients[i];
}

void bound_selection(const Judged& j, Bounds& bounds) {
  std::ranges::fill(bounds.values[0], j.roundoff.least);
}

void bound_gelu(const Judged& j, Bounds& bounds) {
  const std::span<const double> x = j.in(0), y = j.out(0);
  const bool backward = j.op.kind == OpKind::gelu_bwd;
  for (size_t i = 0; i < y.size(); ++i) {
    const double scale = backward ? std::abs(j.in(1)[i]) * (1 + std::abs(x[i])) : std::abs(x[i]);
    bounds.values[0][i] =
        kGeluRoundings * j.roundoff.sum * scale + stored(j.roundoff, Storage::activation, y[i]);
  }
}

/// Cross-entropy over classes, and of one logit alone, which is cross-entropy over it and 0.
void bound_loss(const Judged& j, Bounds& bounds) {
  const std::span<const double> logits = j.in(0), labels = j.in(1), gradient = j.out(1);
  const size_t rows = labels.size(), classes = logits.size() / rows;
  const auto count = static_cast<double>(rows);
  double sum = 0;
  for (size_t r = 0; r < rows; ++r) {
    double largest = 0;
    for (size_t c = 0; c < classes; ++c) largest = std::max(largest, std::abs(logits[r * classes + c]));
    const double relative =
        j.roundoff.sum * (kLossRoundings + 4 * largest + 4 * std::sqrt(static_cast<double>(classes)));
    sum += relative;
    for (size_t c = 0; c < classes; ++c) {
      const size_t i = r * classes + c;
      const bool label = classes == 1 || static_cast<size_t>(labels[r]) == c;
      const double probability = classes == 1 ? 1 : gradient[i] * count + (label ? 1 : 0);
      bounds.values[1][i] = (probability * relative + (label ? 4 * j.roundoff.sum : 0)) / count +
                            stored(j.roundoff, Storage::activation, gradient[i]);
    }
  }
  bounds.values[0][0] = sum / count + growth(j.roundoff, static_cast<int64_t>(rows)) * std::abs(j.out(0)[0]);
}

}  // namespace

Roundoff roundoff_of(Precision precision) {
  const PrecisionFacts& f = facts(precision);
  Roundoff r{.store = f.output_roundoff, .sum = f.accumulate_roundoff, .least = 0x1p-126};
  if (precision == Precision::fp64) r.least = 0x1p-1022;
  if (precision == Precision::tf32) r.factor = 0x1p-10;  // 11 significant bits, cut or rounded
  if (precision == Precision::fp16) r.least = 0x1p-24;   // the least subnormal
  if (bytes(f.output) < 4) r.narrow = r.store;
  return r;
}

double stored(const Roundoff& r, Storage storage, double expected) {
  return (storage == Storage::activation ? r.store : r.sum) * std::abs(expected) + r.least;
}

double growth(const Roundoff& r, int64_t terms) {
  return 4 * std::sqrt(static_cast<double>(terms)) * r.sum + 2 * r.factor;
}

std::span<const double> Judged::parameter(size_t i) const {
  const Parameter& p = program.parameter(op.parameters.at(i));
  return std::span(arrays.parameters).subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
}

void bound_operation(const Judged& j, const OperationJudge& judge, Bounds& bounds) {
  bounds.values.clear();
  for (const ValueId id : j.op.out)
    bounds.values.emplace_back(j.arrays.values[static_cast<size_t>(id)].size(), 0.0);
  switch (j.op.kind) {
    case OpKind::relu:
    case OpKind::relu_bwd:
    case OpKind::maxpool:
    case OpKind::maxpool_bwd:
      return bound_selection(j, bounds);
    case OpKind::gelu:
    case OpKind::gelu_bwd:
      return bound_gelu(j, bounds);
    case OpKind::batchnorm:
    case OpKind::layernorm:
      return bound_norm(j, bounds);
    case OpKind::batchnorm_bwd:
    case OpKind::layernorm_bwd:
      return bound_norm_gradient(j, bounds);
    case OpKind::attention:
      return bound_attention(j, bounds);
    case OpKind::attention_bwd:
      return bound_attention_gradient(j, bounds);
    case OpKind::cross_entropy:
    case OpKind::binary_cross_entropy:
      return bound_loss(j, bounds);
    default:
      return bound_product(j, judge, bounds);
  }
}

}  // namespace breakeven::train
