// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/train/graph.h"

namespace breakeven::train {
namespace {

/// How many operations read each value.
std::vector<int> readers(const Program& p) {
  std::vector<int> count(p.values.size(), 0);
  for (const Op& op : p.forward) {
    for (const ValueId id : op.in) ++count[static_cast<size_t>(id)];
  }
  return count;
}

bool takes_activation(const Op& op, OpKind activation) {
  if (op.activation != Activation::none) return false;
  return op.kind == OpKind::linear || (op.kind == OpKind::batchnorm && activation == OpKind::relu);
}

/// Draws relu and gelu into the linear layer or batch normalization before them, where nobody else reads its
/// result: a pass over memory less.
void fuse_activations(Program& p) {
  const std::vector<int> read = readers(p);
  std::vector<Op> fused;
  for (Op& op : p.forward) {
    const bool activation = op.kind == OpKind::relu || op.kind == OpKind::gelu;
    const auto before = activation
                            ? std::ranges::find_if(fused, [&](const Op& f) { return f.out[0] == op.in[0]; })
                            : fused.end();
    if (before == fused.end() || !takes_activation(*before, op.kind) ||
        read[static_cast<size_t>(op.in[0])] != 1) {
      fused.push_back(std::move(op));
      continue;
    }
    before->activation = op.kind == OpKind::relu ? Activation::relu : Activation::gelu;
    if (op.kind == OpKind::gelu) before->out.push_back(before->out[0]);
    before->out[0] = op.out[0];
  }
  p.forward = std::move(fused);
}

/// The chain rule, from the loss back.
class Gradients {
 public:
  explicit Gradients(Program& program) : p_(program), gradient_(p_.values.size(), kNoValue) {
    mark_dependents();
  }

  void run() {
    for (size_t i = p_.forward.size(); i-- > 0;) {
      const Op op = p_.forward[i];  // a copy: emitting moves nothing, but values grow
      propagate(op);
    }
  }

 private:
  /// Which values depend on a parameter: gradients of the others are nobody's business.
  void mark_dependents() {
    depends_.assign(p_.values.size(), false);
    for (const Op& op : p_.forward) {
      const bool depends = !op.parameters.empty() ||
                           std::ranges::any_of(op.in, [&](ValueId id) { return depends_[index(id)]; });
      for (const ValueId id : op.out) depends_[index(id)] = depends;
    }
  }
  static size_t index(ValueId id) { return static_cast<size_t>(id); }
  bool wanted(ValueId id) const { return depends_[index(id)]; }

  ValueId fresh(const std::string& name, const std::vector<int64_t>& shape) {
    p_.values.push_back({name, shape, Storage::activation});
    return static_cast<ValueId>(p_.values.size()) - 1;
  }
  ValueId like(ValueId id) { return fresh("d " + p_.value(id).name, p_.value(id).shape); }

  void contribute(ValueId id, ValueId gradient) {
    ValueId& sum = gradient_[index(id)];
    if (sum == kNoValue) {
      sum = gradient;
      return;
    }
    const ValueId both = fresh("sum of d " + p_.value(id).name, p_.value(id).shape);
    p_.backward.push_back({.kind = OpKind::add, .in = {sum, gradient}, .out = {both}});
    sum = both;
  }

  /// Emits an operation whose one result is the gradient of `x`.
  void emit(Op op, ValueId x) {
    op.out = {like(x)};
    const ValueId gradient = op.out[0];
    p_.backward.push_back(std::move(op));
    contribute(x, gradient);
  }

  /// Whether the parameter's gradient has a part already, from an operation before.
  bool again(int parameter) {
    const bool had = std::ranges::find(written_, parameter) != written_.end();
    written_.push_back(parameter);
    return had;
  }

  void propagate(const Op& op) {
    if (op.kind == OpKind::cross_entropy || op.kind == OpKind::binary_cross_entropy) {
      contribute(op.in[0], op.out[1]);
      return;
    }
    const ValueId dy = gradient_[index(op.out[0])];
    if (dy == kNoValue) return;  // leads nowhere
    switch (op.kind) {
      case OpKind::linear:
        return linear(op, dy);
      case OpKind::conv:
        return conv(op, dy);
      case OpKind::batchnorm:
        return emit({.kind = OpKind::batchnorm_bwd,
                     .in = {op.in[0], op.out[0], op.out[1], op.out[2], dy},
                     .parameters = op.parameters,
                     .activation = op.activation},
                    op.in[0]);
      case OpKind::layernorm:
        return emit({.kind = OpKind::layernorm_bwd,
                     .in = {op.in[0], op.out[1], op.out[2], dy},
                     .parameters = op.parameters},
                    op.in[0]);
      case OpKind::relu:
        return emit({.kind = OpKind::relu_bwd, .in = {op.out[0], dy}}, op.in[0]);
      case OpKind::gelu:
        return emit({.kind = OpKind::gelu_bwd, .in = {op.in[0], dy}}, op.in[0]);
      case OpKind::maxpool:
        return emit({.kind = OpKind::maxpool_bwd,
                     .in = {op.in[0], op.out[0], dy},
                     .kernel = op.kernel,
                     .stride = op.stride},
                    op.in[0]);
      case OpKind::add:
        contribute(op.in[0], dy);
        return contribute(op.in[1], dy);
      case OpKind::attention:
        return emit(
            {.kind = OpKind::attention_bwd, .in = {op.in[0], op.out[0], op.out[1], dy}, .heads = op.heads},
            op.in[0]);
      case OpKind::embed:
      case OpKind::lookup:
        p_.backward.push_back({.kind = op.kind == OpKind::embed ? OpKind::embed_bwd : OpKind::lookup_bwd,
                               .in = {op.in[0], dy},
                               .parameters = op.parameters,
                               .accumulate = again(op.parameters[0])});
        return;
      case OpKind::interaction: {
        const ValueId dx = like(op.in[0]), de = like(op.in[1]);
        p_.backward.push_back(
            {.kind = OpKind::interaction_bwd, .in = {op.in[0], op.in[1], dy}, .out = {dx, de}});
        contribute(op.in[0], dx);
        return contribute(op.in[1], de);
      }
      default:
        throw ShapeError(std::string("no gradient of ") + std::string(name(op.kind)));
    }
  }

  void linear(const Op& op, ValueId dy) {
    ValueId dz = dy;
    if (op.activation != Activation::none) {
      const bool relu = op.activation == Activation::relu;
      dz = fresh("d before " + p_.value(op.out[0]).name, p_.value(op.out[0]).shape);
      p_.backward.push_back({.kind = relu ? OpKind::relu_bwd : OpKind::gelu_bwd,
                             .in = {relu ? op.out[0] : op.out[1], dy},
                             .out = {dz}});
    }
    p_.backward.push_back({.kind = OpKind::linear_weights,
                           .in = {op.in[0], dz},
                           .parameters = op.parameters,
                           .accumulate = again(op.parameters[0]),
                           .scale = op.scale});
    if (wanted(op.in[0]))
      emit({.kind = OpKind::linear_data, .in = {dz}, .parameters = {op.parameters[0]}, .scale = op.scale},
           op.in[0]);
  }

  void conv(const Op& op, ValueId dy) {
    Op weights{.kind = OpKind::conv_weights,
               .in = {op.in[0], dy},
               .parameters = op.parameters,
               .kernel = op.kernel,
               .stride = op.stride,
               .padding = op.padding};
    Op data = weights;
    p_.backward.push_back(std::move(weights));
    if (!wanted(op.in[0])) return;
    data.kind = OpKind::conv_data;
    data.in = {dy};
    emit(std::move(data), op.in[0]);
  }

  Program& p_;
  std::vector<ValueId> gradient_;  // of each value of the forward pass, as far as it is known
  std::vector<bool> depends_;
  std::vector<int> written_;  // parameters whose gradient has been written
};

}  // namespace

Program differentiate(const Graph& graph) {
  Program program = graph.forward();
  if (program.loss == kNoValue) throw ShapeError("the model has no loss");
  fuse_activations(program);
  Gradients(program).run();
  return program;
}

}  // namespace breakeven::train
