// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/example_nets.h"

#include <string>

#include "harness/philox.h"

namespace breakeven::cpu::example {

using train::DataKind;
using train::Dataset;
using train::Graph;
using train::ValueId;

namespace {

using Bias = Graph::Bias;

ValueId conv_norm_relu(Graph& g, const std::string& name, ValueId x, int64_t out) {
  const ValueId normed = g.batchnorm(name + ".norm", g.conv(name + ".conv", x, out, 3, 1, 1));
  return g.relu(name + ".relu", normed);
}

ValueId residual(Graph& g, const std::string& name, ValueId x) {
  const int64_t channels = g.shape(x).back();
  const ValueId inner = conv_norm_relu(g, name + ".1", x, channels);
  return g.add(name + ".sum", x, conv_norm_relu(g, name + ".2", inner, channels));
}

ValueId transformer_layer(Graph& g, const std::string& name, ValueId x, int64_t heads) {
  const int64_t width = g.shape(x).back();
  ValueId h = g.layernorm(name + ".norm1", x);
  h = g.attention(name + ".attention", g.linear(name + ".qkv", h, {.out = 3 * width, .bias = Bias::yes}), heads);
  x = g.add(name + ".sum1", x, g.linear(name + ".out", h, {.out = width, .bias = Bias::yes}));
  h = g.linear(name + ".up", g.layernorm(name + ".norm2", x), {.out = 4 * width, .bias = Bias::yes});
  h = g.linear(name + ".down", g.gelu(name + ".gelu", h), {.out = width, .bias = Bias::yes});
  return g.add(name + ".sum2", x, h);
}

ValueId dense_relu(Graph& g, const std::string& name, ValueId x, int64_t out) {
  return g.relu(name + ".relu", g.linear(name, x, {.out = out, .bias = Bias::yes}));
}

uint32_t word(uint64_t seed, int64_t i) { return philox(seed, static_cast<uint64_t>(i) / 4, 0).word[i % 4]; }

template <class T>
void fill(std::vector<T>& out, int64_t n, uint64_t seed, int64_t bound) {
  out.resize(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) out[static_cast<size_t>(i)] = static_cast<T>(word(seed, i) % bound);
}

}  // namespace

Graph resnet9(int64_t batch, int64_t width) {
  Graph g(batch);
  ValueId x = conv_norm_relu(g, "first", g.pixels(32, 32, 3), width);
  x = g.maxpool("pool1", conv_norm_relu(g, "second", x, 2 * width), 2);
  x = residual(g, "residual1", x);
  x = g.maxpool("pool2", conv_norm_relu(g, "third", x, 4 * width), 2);
  x = g.maxpool("pool3", conv_norm_relu(g, "fourth", x, 8 * width), 2);
  x = g.maxpool("pool4", residual(g, "residual2", x), 4);
  g.cross_entropy(g.linear("head", x, {.out = 10, .scale = 0.125f}));
  return g;
}

Graph gpt(int64_t batch, const Gpt& c) {
  Graph g(batch);
  ValueId x = g.embed("embed", g.tokens(c.context), c.vocabulary, c.width, 0.05f);
  for (int64_t i = 0; i < c.layers; ++i) x = transformer_layer(g, "layer" + std::to_string(i), x, c.heads);
  g.cross_entropy(g.tied_linear("head", g.layernorm("norm", x), "embed"));
  return g;
}

Graph mlp(int64_t batch, int64_t size, int64_t hidden) {
  Graph g(batch);
  ValueId x = dense_relu(g, "first", g.pixels(size, size, 1), hidden);
  x = dense_relu(g, "second", x, hidden);
  g.cross_entropy(g.linear("head", x, {.out = 10, .bias = Bias::yes}));
  return g;
}

Graph dlrm(int64_t batch, const Dlrm& c) {
  Graph g(batch);
  ValueId x = dense_relu(g, "bottom1", g.dense(c.dense), c.bottom);
  x = dense_relu(g, "bottom2", x, c.width);
  x = g.interaction("interaction", x, g.lookup("tables", g.rows(c.fields), c.table_rows, c.width, 0.1f));
  x = dense_relu(g, "top1", x, c.top);
  x = dense_relu(g, "top2", x, c.top / 2);
  g.binary_cross_entropy(g.linear("head", x, {.out = 1, .bias = Bias::yes}));
  return g;
}

Dataset images(int64_t samples, int64_t size, int64_t channels, uint64_t seed) {
  Dataset d;
  d.samples = samples;
  d.height = d.width = size;
  d.channels = channels;
  d.classes = 10;
  fill(d.pixels, samples * size * size * channels, seed, 256);
  fill(d.labels, samples, seed + 1, 10);
  return d;
}

Dataset text(int64_t tokens, const Gpt& c, uint64_t seed) {
  Dataset d;
  d.kind = DataKind::text;
  d.vocabulary = c.vocabulary;
  d.window = c.context;
  d.samples = (tokens - 1) / c.context;
  fill(d.tokens, tokens, seed, c.vocabulary);
  return d;
}

Dataset clicks(int64_t samples, const Dlrm& c, uint64_t seed) {
  Dataset d;
  d.kind = DataKind::clicks;
  d.samples = samples;
  d.dense_features = c.dense;
  d.fields = c.fields;
  d.table_rows = c.table_rows;
  fill(d.dense, samples * c.dense, seed, 256);
  fill(d.labels, samples, seed + 1, 2);
  fill(d.rows, samples * c.fields, seed + 2, c.table_rows);
  return d;
}

}  // namespace breakeven::cpu::example
