// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "harness/train/executable.h"
#include "harness/train/graph.h"
#include "harness/train/initial.h"

// One small training of each kind, with extents that fill no tile, and every operation that there is.

namespace breakeven::train {

struct TrainCase {
  std::string name;
  Program program;
  Optimizer optimizer;
  Augmentation augmentation;
  Dataset train, test;
  float rate = 0;
};

inline constexpr int64_t kCaseSteps = 3;  // of an order of a case

/// Whole numbers below `limit`.
template <class T>
std::vector<T> random_numbers(int64_t count, int limit, uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<T> numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(static_cast<T>(engine() % static_cast<uint32_t>(limit)));
  return numbers;
}

inline Dataset random_images(int64_t samples, int64_t channels, int64_t height, int64_t width, int classes,
                             uint32_t seed) {
  Dataset data;
  data.kind = DataKind::images, data.samples = samples, data.classes = classes;
  data.channels = channels, data.height = height, data.width = width;
  data.pixels = random_numbers<uint8_t>(samples * channels * height * width, 256, seed);
  data.labels = random_numbers<uint8_t>(samples, classes, seed + 1);
  return data;
}

inline Dataset random_text(int64_t windows, int64_t window, int vocabulary, uint32_t seed) {
  Dataset data;
  data.kind = DataKind::text, data.samples = windows, data.vocabulary = vocabulary, data.window = window;
  data.tokens = random_numbers<uint16_t>(windows * window + 1, vocabulary, seed);
  return data;
}

inline Dataset random_clicks(int64_t samples, int64_t dense, int64_t fields, int rows, uint32_t seed) {
  Dataset data;
  data.kind = DataKind::clicks, data.samples = samples;
  data.dense_features = dense, data.fields = fields, data.table_rows = rows;
  data.labels = random_numbers<uint8_t>(samples, 2, seed);
  data.dense = random_numbers<uint8_t>(samples * dense, 256, seed + 1);
  data.rows = random_numbers<uint32_t>(samples * fields, rows, seed + 2);
  return data;
}

inline TrainCase mlp_case() {
  Graph g(5);
  ValueId x = g.pixels(6, 5, 1);
  x = g.relu("relu1", g.linear("one", x, {.out = 24, .bias = Graph::Bias::yes}));
  x = g.relu("relu2", g.linear("two", x, {.out = 13, .bias = Graph::Bias::yes}));
  g.cross_entropy(g.linear("three", x, {.out = 4, .scale = 0.5f}));
  return {"mlp",
          differentiate(g),
          {.kind = OptimizerKind::sgd, .decay = 1e-3f},
          {},
          random_images(19, 1, 6, 5, 4, 1),
          random_images(8, 1, 6, 5, 4, 2),
          0.05f};
}

/// A residual network.
inline TrainCase images_case() {
  Graph g(3);
  const auto block = [&](const std::string& name, ValueId x, int64_t out, int64_t stride) {
    x = g.batchnorm(name + ".bn", g.conv(name + ".conv", x, out, 3, stride, 1));
    return g.relu(name + ".relu", x);
  };
  ValueId x = block("one", g.pixels(8, 8, 3), 8, 1);
  x = g.maxpool("pool1", block("two", x, 16, 1), 2);
  const ValueId inner = block("four", block("three", x, 16, 1), 16, 1);
  x = g.relu("joined", g.add("add", x, inner));
  x = g.batchnorm("plain", g.conv("odd", x, 5, 3, 2, 1));
  x = g.maxpool("pool2", x, 2);
  g.cross_entropy(g.linear("head", x, {.out = 4, .scale = 0.125f}));
  return {"images",
          differentiate(g),
          {.kind = OptimizerKind::sgd, .decay = 5e-4f},
          {.shift = 2, .flip = true},
          random_images(11, 3, 8, 8, 4, 3),
          random_images(7, 3, 8, 8, 4, 4),
          0.05f};
}

/// A block of a transformer, its head tied to the embedding; more tokens than a tile of attention has.
inline TrainCase text_case() {
  Graph g(2);
  const int64_t width = 16;
  ValueId x = g.embed("wte", g.tokens(37), 21, width, 0.4f);
  ValueId y = g.linear("qkv", g.layernorm("ln1", x), {.out = 3 * width, .bias = Graph::Bias::yes});
  y = g.linear("proj", g.attention("attention", y, 2), {.out = width, .bias = Graph::Bias::yes});
  x = g.add("residual1", x, y);
  y = g.gelu("gelu1", g.linear("up", g.layernorm("ln2", x), {.out = 32, .bias = Graph::Bias::yes}));
  y = g.gelu("gelu2", g.linear("down", y, {.out = width, .bias = Graph::Bias::yes}));
  x = g.gelu("gelu3", g.layernorm("ln3", g.add("residual2", x, y)));
  g.cross_entropy(g.tied_linear("head", x, "wte"));
  return {"text", differentiate(g),          {.kind = OptimizerKind::adamw, .decay = 0.1f, .clip = 0.5f},
          {},     random_text(9, 37, 21, 5), random_text(3, 37, 21, 6),
          3e-3f};
}

/// Embeddings of clicks, their products, two layers on top.
inline TrainCase clicks_case() {
  Graph g(6);
  const ValueId bottom =
      g.relu("bottom.relu", g.linear("bottom", g.dense(5), {.out = 8, .bias = Graph::Bias::yes}));
  const ValueId e = g.lookup("tables", g.rows(3), 29, 8, 0.5f);
  ValueId x = g.interaction("interaction", bottom, e);
  x = g.relu("top.relu", g.linear("top", x, {.out = 12, .bias = Graph::Bias::yes}));
  g.binary_cross_entropy(g.linear("click", x, {.out = 1, .bias = Graph::Bias::yes}));
  return {"clicks",
          differentiate(g),
          {.kind = OptimizerKind::adagrad},
          {},
          random_clicks(23, 5, 3, 29, 7),
          random_clicks(8, 5, 3, 29, 8),
          0.02f};
}

inline std::vector<TrainCase> train_cases() {
  std::vector<TrainCase> cases;
  cases.push_back(mlp_case());
  cases.push_back(images_case());
  cases.push_back(text_case());
  cases.push_back(clicks_case());
  return cases;
}

/// Samples of kCaseSteps batches, some of them more than once.
inline std::vector<uint32_t> case_order(const TrainCase& c) {
  const int64_t last = c.train.kind == DataKind::text
                           ? static_cast<int64_t>(c.train.tokens.size()) - c.train.window
                           : c.train.samples;
  return random_numbers<uint32_t>(kCaseSteps * c.program.batch, static_cast<int>(last), 9);
}

/// Compiled, given its data and an order, reset.
inline std::unique_ptr<Executable> begun(const TrainCase& c, const Compile& compile, Precision precision,
                                         bool keep_values = false) {
  CompileRequest request{.program = &c.program,
                         .precision = precision,
                         .optimizer = c.optimizer,
                         .augmentation = c.augmentation,
                         .keep_values = keep_values};
  auto made = compile(request);
  made->upload(c.train, c.test);
  made->reset(initial_parameters(c.program, 11));
  const std::vector<uint32_t> order = case_order(c);
  made->begin({order, 11, 1});
  return made;
}

inline void run_steps(Executable& executable, const TrainCase& c) {
  for (int64_t i = 0; i < kCaseSteps; ++i) executable.step(i, {.rate = c.rate, .number = i + 1});
}

}  // namespace breakeven::train
