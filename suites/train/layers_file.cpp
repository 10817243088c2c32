// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/layers_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "suites/fields.h"

namespace breakeven::train {
namespace {

constexpr int64_t kMostWidth = int64_t{1} << 20, kMostKernel = 64;
constexpr int64_t kMostVocabulary = int64_t{1} << 16;  // a token has 16 bits
constexpr double kMostBound = 1000;

/// What may stand in a layer of this kind besides `op`.
struct KindKeys {
  LayerKind kind;
  std::array<std::string_view, 4> keys = {};
};
constexpr std::array<KindKeys, 13> kKinds{{{LayerKind::linear, {"out", "bias", "scale", "bound"}},
                                           {LayerKind::conv, {"out", "kernel", "stride", "padding"}},
                                           {LayerKind::batchnorm},
                                           {LayerKind::layernorm},
                                           {LayerKind::relu},
                                           {LayerKind::gelu},
                                           {LayerKind::maxpool, {"size"}},
                                           {LayerKind::embedding, {"width", "vocabulary", "bound"}},
                                           {LayerKind::attention, {"heads"}},
                                           {LayerKind::tied_head},
                                           {LayerKind::interaction, {"bound"}},
                                           {LayerKind::residual, {"layers"}},
                                           {LayerKind::repeat, {"layers", "times"}}}};

class LayerReader {
 public:
  LayerReader(const TomlDocument& document, const SampleShape& data) : document_(document), data_(data) {}

  /// The layers of a table and how many they are, all repetitions counted.
  struct Counted {
    std::vector<Layer> layers;
    int64_t count = 0;
  };
  Counted read(const toml::table& table, int nesting) {
    const toml::array& list = list_of(table, nesting);
    Counted all;
    for (const toml::node& node : list) {
      auto [layer, count] = read_one(*node.as_table(), nesting);
      all.layers.push_back(std::move(layer));
      all.count += count;  // no overflow: both were at most kMostLayers
      if (all.count > kMostLayers) {
        document_.refuse(line_of(node), "layers", fmt::format("makes more than {} layers", kMostLayers),
                         "give or repeat fewer");
      }
    }
    return all;
  }

 private:
  const toml::array& list_of(const toml::table& table, int nesting) const {
    const toml::node* value = table.get("layers");
    constexpr std::string_view kRemedy = "write it as layers = [ { op = \"linear\", out = 10 } ]";
    if (!value) document_.refuse(line_of(table), "layers", "is missing", kRemedy);
    if (!value->is_array_of_tables())
      document_.refuse(line_of(*value), "layers", "is not a list of layers", kRemedy);
    if (nesting > kMostNesting)
      document_.refuse(line_of(*value), "layers", fmt::format("stand more than {} deep", kMostNesting),
                       "nest them less");
    return *value->as_array();
  }

  std::pair<Layer, int64_t> read_one(const toml::table& table, int nesting) {
    Layer layer{.kind = kind_of(table), .line = line_of(table)};
    read_sizes(table, layer);
    int64_t count = 1;
    if (layer.kind == LayerKind::residual || layer.kind == LayerKind::repeat) {
      Counted inner = read(table, nesting + 1);
      layer.layers = std::move(inner.layers);
      count = layer.kind == LayerKind::repeat ? layer.times * inner.count : inner.count + 1;
    }
    return {std::move(layer), count};
  }

  LayerKind kind_of(const toml::table& table) const {
    std::vector<std::string_view> words;
    for (const KindKeys& k : kKinds) words.push_back(name(k.kind));
    const KindKeys& chosen = kKinds[choice_at(document_, table, "op", words)];
    std::vector<std::string_view> known{"op"};
    std::ranges::copy_if(chosen.keys, std::back_inserter(known),
                         [](std::string_view key) { return !key.empty(); });
    document_.allow_only(table, known);
    return chosen.kind;
  }

  void read_sizes(const toml::table& table, Layer& layer) const {
    switch (layer.kind) {
      case LayerKind::linear:
        layer.out = whole_at(document_, table, "out", 1, kMostWidth);
        layer.bias = flag_at(document_, table, "bias", true);
        layer.scale = real(table, "scale", 1e-6, kMostBound, 1);
        layer.bound = real(table, "bound", 1e-6, kMostBound, 0);
        break;
      case LayerKind::conv:
        layer.out = whole_at(document_, table, "out", 1, kMostWidth);
        layer.kernel = whole_at(document_, table, "kernel", 1, kMostKernel, 3);
        layer.stride = whole_at(document_, table, "stride", 1, kMostKernel, 1);
        layer.padding = whole_at(document_, table, "padding", 0, kMostKernel, (layer.kernel - 1) / 2);
        break;
      case LayerKind::maxpool:
        layer.size = whole_at(document_, table, "size", 1, kMostKernel);
        break;
      case LayerKind::embedding:
        layer.width = whole_at(document_, table, "width", 1, kMostWidth);
        layer.vocabulary = whole_at(document_, table, "vocabulary", 1, kMostVocabulary,
                                    std::max<int64_t>(data_.vocabulary, 1));
        layer.bound = real(table, "bound", 1e-6, kMostBound, {});
        if (layer.vocabulary < data_.vocabulary) {
          document_.refuse(line_of(*table.get("vocabulary")), "vocabulary",
                           fmt::format("is {}, fewer than the data have", layer.vocabulary),
                           fmt::format("give {} or more", data_.vocabulary));
        }
        break;
      case LayerKind::attention:
        layer.heads = whole_at(document_, table, "heads", 1, kMostWidth);
        break;
      case LayerKind::interaction:
        layer.bound = real(table, "bound", 1e-6, kMostBound, {});
        break;
      case LayerKind::repeat:
        layer.times = whole_at(document_, table, "times", 1, kMostLayers);
        break;
      default:
        break;
    }
  }

  float real(const toml::table& table, std::string_view key, double least, double most,
             std::optional<double> otherwise) const {
    return static_cast<float>(number_at(document_, table, key, least, most, otherwise));
  }

  const TomlDocument& document_;
  const SampleShape& data_;
};

}  // namespace

std::vector<Layer> layers_of(const TomlDocument& document, const toml::table& table,
                             const SampleShape& data) {
  return LayerReader(document, data).read(table, 1).layers;
}

}  // namespace breakeven::train
