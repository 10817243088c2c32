// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace breakeven::train {
namespace {

std::string text(const std::vector<int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

[[noreturn]] void refuse(const std::string& layer, const std::string& why) {
  throw ShapeError(fmt::format("layer '{}': {}", layer, why));
}

// Beyond any model that this program is for, and far below what overflows.
constexpr int64_t kMostElements = int64_t{1} << 36;

}  // namespace

Graph::Graph(int64_t batch) {
  if (batch < 1) throw ShapeError(fmt::format("a batch of {}", batch));
  program_.batch = batch;
}

ValueId Graph::value(std::string name, std::vector<int64_t> shape, Storage storage) {
  int64_t room = kMostElements;
  for (const int64_t extent : shape) {
    if (extent < 1) refuse(name, fmt::format("its result would be {}", text(shape)));
    room /= extent;
  }
  if (room < 1) refuse(name, fmt::format("its result {} is too large", text(shape)));
  program_.values.push_back({std::move(name), std::move(shape), storage});
  return static_cast<ValueId>(program_.values.size()) - 1;
}

int Graph::parameter(std::string name, std::vector<int64_t> shape, float bound, float constant, bool decays) {
  const auto same = std::ranges::find(program_.parameters, name, &Parameter::name);
  if (same != program_.parameters.end()) refuse(name, "another layer has this name");
  int64_t size = 1, room = kMostElements;
  for (const int64_t extent : shape) {
    if (extent < 1 || (room /= extent) < 1)
      refuse(name, fmt::format("its parameter {} is not possible", text(shape)));
    size *= extent;
  }
  const int64_t offset = program_.arena_size();
  program_.parameters.push_back({std::move(name), std::move(shape), offset, size, bound, constant, decays});
  return static_cast<int>(program_.parameters.size()) - 1;
}

int Graph::state(std::string name, int64_t size, float initial) {
  program_.states.push_back({std::move(name), program_.state_size(), size, initial});
  return static_cast<int>(program_.states.size()) - 1;
}

ValueId Graph::pixels(int64_t height, int64_t width, int64_t channels) {
  return program_.inputs.pixels = value("pixels", {program_.batch, height, width, channels});
}
ValueId Graph::tokens(int64_t length) {
  return program_.inputs.tokens = value("tokens", {program_.batch, length}, Storage::index);
}
ValueId Graph::dense(int64_t features) {
  return program_.inputs.dense = value("dense", {program_.batch, features});
}
ValueId Graph::rows(int64_t fields) {
  return program_.inputs.rows = value("rows", {program_.batch, fields}, Storage::index);
}

ValueId Graph::linear(const std::string& name, ValueId x, const Linear& l) {
  const std::vector<int64_t> from = shape(x);
  std::vector<int64_t> to = from;
  int64_t in = from.back();
  if (from.size() == 4) {
    in = from[1] * from[2] * from[3];
    to = {from[0], 0};
  }
  to.back() = l.out;
  if (l.out < 1) refuse(name, fmt::format("{} outputs", l.out));
  const float bound = l.bound > 0 ? l.bound : std::sqrt(6.0f / static_cast<float>(in));
  Op op{.kind = OpKind::linear, .in = {x}, .scale = l.scale};
  op.parameters = {parameter(name + ".weight", {l.out, in}, bound, 0, true)};
  if (l.bias == Bias::yes) op.parameters.push_back(parameter(name + ".bias", {l.out}, 0, 0, false));
  op.out = {value(name, to)};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::tied_linear(const std::string& name, ValueId x, const std::string& embedding) {
  const auto found = std::ranges::find(program_.parameters, embedding + ".tokens", &Parameter::name);
  if (found == program_.parameters.end()) refuse(name, fmt::format("no embedding is called '{}'", embedding));
  std::vector<int64_t> to = shape(x);
  if (to.back() != found->shape[1])
    refuse(name, fmt::format("{} times an embedding of {}", text(to), text(found->shape)));
  to.back() = found->shape[0];
  Op op{.kind = OpKind::linear, .in = {x}};
  op.parameters = {static_cast<int>(found - program_.parameters.begin())};
  op.out = {value(name, to)};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::conv(const std::string& name, ValueId x, int64_t out, int64_t kernel, int64_t stride,
                    int64_t padding) {
  const std::vector<int64_t> from = shape(x);
  if (from.size() != 4) refuse(name, fmt::format("a convolution of {}, which is not an image", text(from)));
  if (out < 1 || kernel < 1 || stride < 1 || padding < 0 || padding >= kernel)
    refuse(name,
           fmt::format("{} filters of {} x {}, stride {}, padding {}", out, kernel, kernel, stride, padding));
  if (from[1] + 2 * padding < kernel || from[2] + 2 * padding < kernel)
    refuse(name,
           fmt::format("filters of {} x {} on {} with padding {}", kernel, kernel, text(from), padding));
  const auto extent = [&](int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  const float bound = std::sqrt(6.0f / static_cast<float>(from[3] * kernel * kernel));
  Op op{.kind = OpKind::conv, .in = {x}, .kernel = kernel, .stride = stride, .padding = padding};
  op.parameters = {parameter(name + ".weight", {out, kernel, kernel, from[3]}, bound, 0, true)};
  op.out = {value(name, {from[0], extent(from[1]), extent(from[2]), out})};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::batchnorm(const std::string& name, ValueId x) {
  const int64_t channels = shape(x).back();
  Op op{.kind = OpKind::batchnorm, .in = {x}};
  op.parameters = {parameter(name + ".gamma", {channels}, 0, 1, false),
                   parameter(name + ".beta", {channels}, 0, 0, false)};
  op.states = {state(name + ".mean", channels, 0), state(name + ".variance", channels, 1)};
  op.out = {value(name, shape(x)), value(name + ".batch_mean", {channels}, Storage::wide),
            value(name + ".batch_rstd", {channels}, Storage::wide)};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::layernorm(const std::string& name, ValueId x) {
  const int64_t width = shape(x).back(), rows = program_.value(x).size() / width;
  Op op{.kind = OpKind::layernorm, .in = {x}};
  op.parameters = {parameter(name + ".gamma", {width}, 0, 1, false),
                   parameter(name + ".beta", {width}, 0, 0, false)};
  op.out = {value(name, shape(x)), value(name + ".mean", {rows}, Storage::wide),
            value(name + ".rstd", {rows}, Storage::wide)};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::elementwise(OpKind kind, const std::string& name, ValueId x) {
  Op op{.kind = kind, .in = {x}, .out = {value(name, shape(x))}};
  program_.forward.push_back(op);
  return op.out[0];
}
ValueId Graph::relu(const std::string& name, ValueId x) { return elementwise(OpKind::relu, name, x); }
ValueId Graph::gelu(const std::string& name, ValueId x) { return elementwise(OpKind::gelu, name, x); }

ValueId Graph::maxpool(const std::string& name, ValueId x, int64_t size) {
  const std::vector<int64_t> from = shape(x);
  if (from.size() != 4) refuse(name, fmt::format("pooling of {}, which is not an image", text(from)));
  if (size < 1 || from[1] % size != 0 || from[2] % size != 0)
    refuse(name, fmt::format("windows of {} x {} do not tile {}", size, size, text(from)));
  Op op{.kind = OpKind::maxpool, .in = {x}, .kernel = size, .stride = size};
  op.out = {value(name, {from[0], from[1] / size, from[2] / size, from[3]})};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::add(const std::string& name, ValueId a, ValueId b) {
  if (shape(a) != shape(b)) refuse(name, fmt::format("{} + {}", text(shape(a)), text(shape(b))));
  Op op{.kind = OpKind::add, .in = {a, b}, .out = {value(name, shape(a))}};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::attention(const std::string& name, ValueId qkv, int64_t heads) {
  const std::vector<int64_t> from = shape(qkv);
  if (from.size() != 3 || heads < 1 || from[2] % (3 * heads) != 0)
    refuse(name,
           fmt::format("{} heads of {}, which is not [batch, tokens, 3 x heads x width]", heads, text(from)));
  Op op{.kind = OpKind::attention, .in = {qkv}, .heads = heads};
  op.out = {value(name, {from[0], from[1], from[2] / 3}),
            value(name + ".lse", {from[0], heads, from[1]}, Storage::wide)};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::embed(const std::string& name, ValueId tokens, int64_t vocabulary, int64_t width,
                     float bound) {
  const std::vector<int64_t> from = shape(tokens);
  Op op{.kind = OpKind::embed, .in = {tokens}};
  op.parameters = {parameter(name + ".tokens", {vocabulary, width}, bound, 0, true),
                   parameter(name + ".positions", {from.at(1), width}, bound, 0, true)};
  op.out = {value(name, {from[0], from[1], width})};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::lookup(const std::string& name, ValueId rows, int64_t table_rows, int64_t width, float bound) {
  const std::vector<int64_t> from = shape(rows);
  Op op{.kind = OpKind::lookup, .in = {rows}};
  op.parameters = {parameter(name + ".table", {table_rows, width}, bound, 0, true)};
  op.out = {value(name, {from.at(0), from.at(1), width})};
  program_.forward.push_back(op);
  return op.out[0];
}

ValueId Graph::interaction(const std::string& name, ValueId x, ValueId e) {
  const std::vector<int64_t> a = shape(x), b = shape(e);
  if (a.size() != 2 || b.size() != 3 || a[1] != b[2])
    refuse(name, fmt::format("{} with {}: vectors of one width are wanted", text(a), text(b)));
  Op op{.kind = OpKind::interaction, .in = {x, e}};
  op.out = {value(name, {a[0], a[1] + b[1] * (b[1] + 1) / 2})};
  program_.forward.push_back(op);
  return op.out[0];
}

void Graph::finish(OpKind kind, ValueId logits, std::vector<int64_t> label_shape) {
  if (program_.loss != kNoValue) refuse("loss", "a model has one");
  program_.logits = logits;
  program_.inputs.labels = value("labels", std::move(label_shape), Storage::index);
  program_.loss = value("loss", {1}, Storage::wide);
  const ValueId gradient = value("d " + program_.value(logits).name, shape(logits));
  program_.forward.push_back(
      {.kind = kind, .in = {logits, program_.inputs.labels}, .out = {program_.loss, gradient}});
}

void Graph::cross_entropy(ValueId logits) {
  std::vector<int64_t> rows = shape(logits);
  rows.pop_back();
  finish(OpKind::cross_entropy, logits, rows);
}
void Graph::binary_cross_entropy(ValueId logits) {
  if (program_.value(logits).size() != program_.batch)
    refuse("loss", fmt::format("one logit a sample is wanted, not {}", text(shape(logits))));
  finish(OpKind::binary_cross_entropy, logits, {program_.batch});
}

}  // namespace breakeven::train
