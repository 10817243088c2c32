// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/train/graph.h"
#include "suites/train/sample_shape.h"

namespace breakeven::train {

enum class LayerKind : uint8_t {
  linear,
  conv,
  batchnorm,
  layernorm,
  relu,
  gelu,
  maxpool,
  embedding,
  attention,
  tied_head,
  interaction,
  residual,
  repeat
};
/// As a file spells it, and as layers are numbered: "conv".
std::string_view name(LayerKind);

/// A layer as a file gives it (suites/README.md); only the fields of its kind count.
struct Layer {
  LayerKind kind{};
  uint32_t line = 0;  // where it stands
  int64_t out = 0;    // linear, conv
  int64_t kernel = 3, stride = 1, padding = 1;
  int64_t size = 0;                   // maxpool: of the windows, and their stride
  int64_t heads = 0;                  // attention
  int64_t vocabulary = 0, width = 0;  // embedding
  int64_t times = 0;                  // repeat
  bool bias = true;                   // linear
  float scale = 1;                    // linear
  float bound = 0;                    // linear, embedding, interaction: of the initial weights
  std::vector<Layer> layers = {};     // residual: y = x + layers(x); repeat
};

/// A ShapeError and the line of its layer.
struct LayerError : ShapeError {
  LayerError(uint32_t where, const std::string& what) : ShapeError(what), line(where) {}
  uint32_t line;
};

/// The model with its loss, for samples of a shape. Layers are called by kind and number: "conv1", "conv2".
/// Throws LayerError; ShapeError when the batch is impossible.
Graph build_model(const std::vector<Layer>&, const SampleShape&, int64_t batch);

}  // namespace breakeven::train
