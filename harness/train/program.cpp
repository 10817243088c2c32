// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/program.h"

#include <algorithm>
#include <array>
#include <utility>

namespace breakeven::train {
namespace {

struct KindFacts {
  OpKind kind;
  std::string_view name, operation_class;
};
constexpr std::array<KindFacts, 27> kKinds{{
    {OpKind::linear, "linear", "linear forward"},
    {OpKind::linear_data, "linear_data", "linear backward data"},
    {OpKind::linear_weights, "linear_weights", "linear backward weights"},
    {OpKind::conv, "conv", "conv forward"},
    {OpKind::conv_data, "conv_data", "conv backward data"},
    {OpKind::conv_weights, "conv_weights", "conv backward weights"},
    {OpKind::batchnorm, "batchnorm", "norm"},
    {OpKind::batchnorm_bwd, "batchnorm_bwd", "norm"},
    {OpKind::layernorm, "layernorm", "norm"},
    {OpKind::layernorm_bwd, "layernorm_bwd", "norm"},
    {OpKind::relu, "relu", "elementwise"},
    {OpKind::relu_bwd, "relu_bwd", "elementwise"},
    {OpKind::gelu, "gelu", "elementwise"},
    {OpKind::gelu_bwd, "gelu_bwd", "elementwise"},
    {OpKind::maxpool, "maxpool", "pooling"},
    {OpKind::maxpool_bwd, "maxpool_bwd", "pooling"},
    {OpKind::add, "add", "elementwise"},
    {OpKind::attention, "attention", "attention"},
    {OpKind::attention_bwd, "attention_bwd", "attention"},
    {OpKind::embed, "embed", "tables"},
    {OpKind::embed_bwd, "embed_bwd", "tables"},
    {OpKind::lookup, "lookup", "tables"},
    {OpKind::lookup_bwd, "lookup_bwd", "tables"},
    {OpKind::interaction, "interaction", "interaction"},
    {OpKind::interaction_bwd, "interaction_bwd", "interaction"},
    {OpKind::cross_entropy, "cross_entropy", "loss"},
    {OpKind::binary_cross_entropy, "binary_cross_entropy", "loss"},
}};

const KindFacts& facts(OpKind kind) { return *std::ranges::find(kKinds, kind, &KindFacts::kind); }

/// Pairs of output and tap along one axis that meet the input.
double taps(int64_t in, int64_t out, const Op& op) {
  double count = 0;
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t r = 0; r < op.kernel; ++r) {
      const int64_t at = o * op.stride + r - op.padding;
      count += at >= 0 && at < in ? 1 : 0;
    }
  }
  return count;
}

double multiply_adds(const Program& p, const Op& op) {
  const auto size = [&](ValueId id) { return static_cast<double>(p.value(id).size()); };
  switch (op.kind) {
    case OpKind::linear:
    case OpKind::linear_data:
      return size(op.out.at(0)) * static_cast<double>(op.kind == OpKind::linear
                                                          ? p.parameter(op.parameters.at(0)).shape.at(1)
                                                          : p.parameter(op.parameters.at(0)).shape.at(0));
    case OpKind::linear_weights:
      return size(op.in.at(0)) * static_cast<double>(p.parameter(op.parameters.at(0)).shape.at(0));
    case OpKind::conv:
    case OpKind::conv_data:
    case OpKind::conv_weights: {
      // The images and the other side of them, whichever way it goes.
      const auto& x = p.value(op.kind == OpKind::conv_data ? op.out.at(0) : op.in.at(0)).shape;
      const auto& y = p.value(op.kind == OpKind::conv ? op.out.at(0) : op.in.back()).shape;
      return static_cast<double>(x.at(0) * x.at(3) * y.at(3)) * taps(x.at(1), y.at(1), op) *
             taps(x.at(2), y.at(2), op);
    }
    case OpKind::attention:
    case OpKind::attention_bwd: {
      // Query by key and probability by value, of keys not after the query; five such products backward, of
      // which one is a recomputation and does not count.
      const auto& qkv = p.value(op.in.at(0)).shape;
      const double pairs = static_cast<double>(qkv.at(1)) * static_cast<double>(qkv.at(1) + 1) / 2;
      const double width = static_cast<double>(qkv.at(2)) / 3;
      return static_cast<double>(qkv.at(0)) * pairs * width * (op.kind == OpKind::attention ? 2 : 4);
    }
    case OpKind::interaction:
    case OpKind::interaction_bwd: {
      const auto& e = p.value(op.in.at(1)).shape;
      const double pairs = static_cast<double>(e.at(1) * (e.at(1) + 1)) / 2;
      return static_cast<double>(e.at(0) * e.at(2)) * pairs * (op.kind == OpKind::interaction ? 1 : 2);
    }
    default:
      return 0;
  }
}

}  // namespace

std::string_view name(OpKind kind) { return facts(kind).name; }
std::string_view operation_class(OpKind kind) { return facts(kind).operation_class; }

int64_t Program::arena_size() const {
  if (parameters.empty()) return 0;
  const int64_t end = parameters.back().offset + parameters.back().size;
  return (end + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}
int64_t Program::state_size() const { return states.empty() ? 0 : states.back().offset + states.back().size; }

double forward_flops(const Program& p) {
  double sum = 0;
  for (const Op& op : p.forward) sum += 2 * multiply_adds(p, op);
  return sum;
}
double model_flops(const Program& p) {
  double sum = forward_flops(p);
  for (const Op& op : p.backward) sum += 2 * multiply_adds(p, op);
  return sum;
}

}  // namespace breakeven::train
