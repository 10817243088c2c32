// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/model.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace breakeven::train {
namespace {

using enum LayerKind;

constexpr SampleShape kDigits{
    .kind = DataKind::images, .height = 28, .width = 28, .channels = 1, .classes = 10};
constexpr SampleShape kWords{.kind = DataKind::text, .vocabulary = 50, .window = 6};
constexpr SampleShape kClicks{.kind = DataKind::clicks, .dense_features = 8, .fields = 3, .table_rows = 40};

Layer linear_layer(int64_t out, uint32_t line = 1) { return {.kind = linear, .line = line, .out = out}; }

/// What the model's refusal says, behind its line: "7: layer ...".
std::string refusal(const std::vector<Layer>& layers, const SampleShape& data) {
  try {
    build_model(layers, data, 2);
  } catch (const LayerError& e) {
    return std::to_string(e.line) + ": " + e.what();
  }
  return "";
}

TEST(Model, LayersAreCalledByKindAndNumber) {
  const Layer block{.kind = residual,
                    .layers = {{.kind = conv, .out = 4}, {.kind = batchnorm}, {.kind = relu}}};
  const Graph graph = build_model(
      {{.kind = conv, .out = 4}, {.kind = repeat, .times = 2, .layers = {block}}, linear_layer(10)}, kDigits,
      2);
  std::vector<std::string> names;
  for (const Parameter& p : graph.forward().parameters) names.push_back(p.name);
  EXPECT_EQ(names, (std::vector<std::string>{"conv1.weight", "conv2.weight", "batchnorm1.gamma",
                                             "batchnorm1.beta", "conv3.weight", "batchnorm2.gamma",
                                             "batchnorm2.beta", "linear1.weight", "linear1.bias"}));
  EXPECT_EQ(std::ranges::count(graph.forward().forward, OpKind::add, &Op::kind), 2);
}

TEST(Model, ResidualAddsWhatItWasGiven) {
  const Graph graph = build_model(
      {linear_layer(10), {.kind = residual, .layers = {linear_layer(10), {.kind = gelu}}}}, kDigits, 2);
  const Program& p = graph.forward();
  const auto add = std::ranges::find(p.forward, OpKind::add, &Op::kind);
  ASSERT_NE(add, p.forward.end());
  EXPECT_EQ(p.value(add->in[0]).name, "linear1");
  EXPECT_EQ(p.value(add->in[1]).name, "gelu1");
  EXPECT_EQ(p.logits, add->out[0]);
}

TEST(Model, LinearLayersKeepTheirSettings) {
  const Layer head{.kind = linear, .out = 10, .bias = false, .scale = 0.125f, .bound = 0.5f};
  const Graph graph = build_model({head}, kDigits, 2);
  ASSERT_EQ(graph.forward().parameters.size(), 1u);
  EXPECT_EQ(graph.forward().parameters[0].bound, 0.5f);
  EXPECT_EQ(graph.forward().forward[0].scale, 0.125f);
}

TEST(Model, TextIsEmbeddedAndItsHeadTied) {
  const Graph graph = build_model({{.kind = embedding, .vocabulary = 64, .width = 8, .bound = 0.1f},
                                   linear_layer(24),
                                   {.kind = attention, .heads = 2},
                                   {.kind = tied_head}},
                                  kWords, 2);
  const Program& p = graph.forward();
  EXPECT_EQ(p.value(p.logits).shape, (std::vector<int64_t>{2, 6, 64}));
  EXPECT_EQ(p.value(p.inputs.labels).shape, (std::vector<int64_t>{2, 6}));
  EXPECT_EQ(p.parameters[0].bound, 0.1f);
  EXPECT_NO_THROW(differentiate(graph));
}

TEST(Model, ClicksLookTheirTablesUp) {
  const Graph graph =
      build_model({linear_layer(4), {.kind = interaction, .bound = 0.05f}, linear_layer(1)}, kClicks, 2);
  const Program& p = graph.forward();
  const auto table = std::ranges::find(p.parameters, "interaction1.table", &Parameter::name);
  ASSERT_NE(table, p.parameters.end());
  EXPECT_EQ(table->shape, (std::vector<int64_t>{40, 4}));
  EXPECT_EQ(p.parameters.back().name, "linear2.bias");
  EXPECT_EQ(p.parameters[3].shape, (std::vector<int64_t>{1, 4 + 3 * 4 / 2}));
}

TEST(Model, MisfitsNameLayerLineAndShapes) {
  const Layer pool{.kind = maxpool, .line = 4, .size = 3};
  EXPECT_EQ(refusal({pool, linear_layer(10)}, kDigits),
            "4: layer 'maxpool1': windows of 3 x 3 do not tile [2,28,28,1]");
  // Of a layer inside another the inner line counts, of a sum the outer one.
  EXPECT_EQ(refusal({{.kind = residual, .line = 3, .layers = {pool}}}, kDigits).substr(0, 18),
            "4: layer 'maxpool1");
  EXPECT_EQ(
      refusal({{.kind = residual, .line = 3, .layers = {{.kind = conv, .line = 4, .out = 2}}}}, kDigits),
      "3: layer 'residual1': [2,28,28,1] + [2,28,28,2]");
  EXPECT_EQ(refusal({linear_layer(9, 7)}, kDigits),
            "7: layer 'loss': logits of [2,9] where [2,10] or more of the last is wanted");
  EXPECT_EQ(refusal({{.kind = conv, .line = 2, .out = 10}}, kDigits),
            "2: layer 'loss': logits of [2,28,28,10] where [2,10] or more of the last is wanted");
}

TEST(Model, TokensAndTablesAreTakenAsTheyMustBe) {
  const Layer words{.kind = embedding, .line = 1, .vocabulary = 50, .width = 8, .bound = 1};
  EXPECT_EQ(refusal({linear_layer(50)}, kWords), "1: layer 'linear1': tokens go through an embedding first");
  EXPECT_EQ(refusal({words, words}, kWords),
            "1: layer 'embedding2': an embedding of [2,6,8], which are not tokens");
  EXPECT_EQ(refusal({{.kind = tied_head, .line = 2}}, kDigits),
            "2: layer 'tied_head1': no embedding is called ''");
  const Layer pairs{.kind = interaction, .line = 5, .bound = 1};
  EXPECT_EQ(refusal({pairs}, kDigits),
            "5: layer 'interaction1': only samples of clicks have rows of tables, and take them once");
  EXPECT_NE(refusal({pairs, pairs}, kClicks).find("take them once"), std::string::npos);
  EXPECT_EQ(refusal({linear_layer(1)}, kClicks),
            "1: layer 'loss': the tables are never looked up: an interaction is missing");
  EXPECT_EQ(refusal({pairs, linear_layer(2)}, kClicks),
            "1: layer 'loss': one logit a sample is wanted, not [2,2]");
}

}  // namespace
}  // namespace breakeven::train
