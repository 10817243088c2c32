// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <utility>

namespace breakeven::train {
namespace {

class Builder {
 public:
  Builder(const SampleShape& data, int64_t batch) : data_(data), graph_(batch) {}

  Graph build(const std::vector<Layer>& layers) {
    const ValueId logits = through(layers, input());
    try {
      finish(logits);
    } catch (const ShapeError& e) {
      throw LayerError(layers.back().line, e.what());
    }
    return std::move(graph_);
  }

 private:
  ValueId input() {
    switch (data_.kind) {
      case DataKind::images:
        return graph_.pixels(data_.height, data_.width, data_.channels);
      case DataKind::text:
        return graph_.tokens(data_.window);
      case DataKind::clicks:
        rows_ = graph_.rows(data_.fields);
        return graph_.dense(data_.dense_features);
    }
    return kNoValue;
  }

  ValueId through(const std::vector<Layer>& layers, ValueId x) {
    for (const Layer& layer : layers) x = placed(layer, x);
    return x;
  }

  /// Tells the layer's line with whatever the graph refuses.
  ValueId placed(const Layer& layer, ValueId x) {
    try {
      return apply(layer, fmt::format("{}{}", name(layer.kind), ++count_[layer.kind]), x);
    } catch (const LayerError&) {
      throw;  // of a layer inside
    } catch (const ShapeError& e) {
      throw LayerError(layer.line, e.what());
    }
  }

  ValueId apply(const Layer& layer, const std::string& called, ValueId x) {
    const bool tokens = graph_.forward().value(x).storage == Storage::index;
    if (tokens && layer.kind != LayerKind::embedding && layer.kind != LayerKind::repeat)
      refuse(called, "tokens go through an embedding first");
    switch (layer.kind) {
      case LayerKind::linear:
        return graph_.linear(called, x,
                             {.out = layer.out,
                              .bias = layer.bias ? Graph::Bias::yes : Graph::Bias::no,
                              .scale = layer.scale,
                              .bound = layer.bound});
      case LayerKind::conv:
        return graph_.conv(called, x, layer.out, layer.kernel, layer.stride, layer.padding);
      case LayerKind::batchnorm:
        return graph_.batchnorm(called, x);
      case LayerKind::layernorm:
        return graph_.layernorm(called, x);
      case LayerKind::relu:
        return graph_.relu(called, x);
      case LayerKind::gelu:
        return graph_.gelu(called, x);
      case LayerKind::maxpool:
        return graph_.maxpool(called, x, layer.size);
      case LayerKind::embedding:
        return embedding(layer, called, x);
      case LayerKind::attention:
        return graph_.attention(called, x, layer.heads);
      case LayerKind::tied_head:
        return graph_.tied_linear(called, x, embedding_);
      case LayerKind::interaction:
        return interaction(layer, called, x);
      case LayerKind::residual:
        return graph_.add(called, x, through(layer.layers, x));
      case LayerKind::repeat:
        for (int64_t i = 0; i < layer.times; ++i) x = through(layer.layers, x);
        return x;
    }
    return x;
  }

  ValueId embedding(const Layer& layer, const std::string& called, ValueId x) {
    if (graph_.forward().value(x).storage != Storage::index)
      refuse(called, fmt::format("an embedding of {}, which are not tokens", text(x)));
    embedding_ = called;
    return graph_.embed(called, x, layer.vocabulary, layer.width, layer.bound);
  }

  /// Looks up a sample's rows in the joined tables, as wide as x, and multiplies all pairs.
  ValueId interaction(const Layer& layer, const std::string& called, ValueId x) {
    if (rows_ == kNoValue) refuse(called, "only samples of clicks have rows of tables, and take them once");
    const int64_t width = graph_.shape(x).back();
    const ValueId found =
        graph_.lookup(called, std::exchange(rows_, kNoValue), data_.table_rows, width, layer.bound);
    return graph_.interaction(called, x, found);
  }

  void finish(ValueId logits) {
    const std::vector<int64_t> shape = graph_.shape(logits);
    if (data_.kind == DataKind::clicks) {
      if (rows_ != kNoValue) refuse("loss", "the tables are never looked up: an interaction is missing");
      return graph_.binary_cross_entropy(logits);
    }
    std::vector<int64_t> wanted{graph_.batch(), data_.classes};
    if (data_.kind == DataKind::text) wanted = {graph_.batch(), data_.window, data_.vocabulary};
    bool fits = shape.size() == wanted.size() && shape.back() >= wanted.back();
    for (size_t i = 0; fits && i + 1 < wanted.size(); ++i) fits = shape[i] == wanted[i];
    if (!fits)
      refuse("loss", fmt::format("logits of {} where [{}] or more of the last is wanted", text(logits),
                                 fmt::join(wanted, ",")));
    graph_.cross_entropy(logits);
  }

  std::string text(ValueId id) const { return fmt::format("[{}]", fmt::join(graph_.shape(id), ",")); }
  [[noreturn]] static void refuse(const std::string& called, const std::string& why) {
    throw ShapeError(fmt::format("layer '{}': {}", called, why));
  }

  const SampleShape& data_;
  Graph graph_;
  ValueId rows_ = kNoValue;  // of clicks, until they are looked up
  std::string embedding_;    // the name of the one there is
  std::map<LayerKind, int> count_;
};

}  // namespace

std::string_view name(LayerKind kind) {
  switch (kind) {
    case LayerKind::linear:
      return "linear";
    case LayerKind::conv:
      return "conv";
    case LayerKind::batchnorm:
      return "batchnorm";
    case LayerKind::layernorm:
      return "layernorm";
    case LayerKind::relu:
      return "relu";
    case LayerKind::gelu:
      return "gelu";
    case LayerKind::maxpool:
      return "maxpool";
    case LayerKind::embedding:
      return "embedding";
    case LayerKind::attention:
      return "attention";
    case LayerKind::tied_head:
      return "tied_head";
    case LayerKind::interaction:
      return "interaction";
    case LayerKind::residual:
      return "residual";
    case LayerKind::repeat:
      return "repeat";
  }
  return "";
}

Graph build_model(const std::vector<Layer>& layers, const SampleShape& data, int64_t batch) {
  return Builder(data, batch).build(layers);
}

}  // namespace breakeven::train
