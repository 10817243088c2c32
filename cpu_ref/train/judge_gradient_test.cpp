// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "cpu_ref/train/judge_fixture.h"
#include "harness/train/graph.h"

// The whole gradient of small models against central differences of their loss.

namespace breakeven::cpu {
namespace {

using namespace train;
using Bias = Graph::Bias;

double slope(const Program& program, Arrays& arrays, size_t i) {
  constexpr double kStep = 1e-6;
  const double middle = arrays.parameters[i];
  arrays.parameters[i] = middle + kStep;
  const double above = judged_loss(program, arrays);
  arrays.parameters[i] = middle - kStep;
  const double below = judged_loss(program, arrays);
  arrays.parameters[i] = middle;
  return (above - below) / (2 * kStep);
}

void expect_gradient(const Graph& graph) {
  const Program program = differentiate(graph);
  Arrays arrays = RandomArrays(program).take();
  judged_loss(program, arrays);
  for (const Op& op : program.backward) judge_operation(program, op, arrays, Mode::training);
  const std::vector<double> gradient = arrays.gradients;
  for (const Parameter& p : program.parameters) {
    const auto first = gradient.begin() + p.offset;
    double most = 0;
    for (auto g = first; g < first + p.size; ++g) most = std::max(most, std::abs(*g));
    EXPECT_GT(most, 1e-4) << p.name << ": nothing to compare";
    for (int64_t i = 0; i < p.size; ++i)
      ASSERT_NEAR(first[i], slope(program, arrays, static_cast<size_t>(p.offset + i)), 1e-6 * most + 1e-9)
          << p.name << " element " << i;
  }
}

TEST(JudgeGradient, ImagesThroughStridesPaddingNormsAndResiduals) {
  Graph g(3);
  ValueId x = g.pixels(9, 9, 2);
  x = g.relu("relu1", g.batchnorm("norm1", g.conv("conv1", x, 3, 3, 2, 1)));  // 5 x 5, odd
  x = g.conv("conv2", x, 5, 2, 1, 0);                                         // 4 x 4
  const ValueId y = g.batchnorm("norm2", g.conv("conv3", x, 5, 3, 1, 1));
  x = g.maxpool("pool", g.relu("relu2", g.add("sum", x, y)), 2);
  x = g.conv("conv4", x, 6, 2, 2, 1);  // padding at a stride
  g.cross_entropy(g.linear("head", x, {.out = 4, .scale = 0.125f}));
  expect_gradient(g);
}

TEST(JudgeGradient, LayersWithBiasScaleReluAndGelu) {
  Graph g(5);
  ValueId x = g.dense(7);
  x = g.relu("relu", g.linear("one", x, {.out = 6, .bias = Bias::yes, .scale = 0.5f}));
  x = g.gelu("gelu", g.linear("two", x, {.out = 5, .bias = Bias::yes}));
  x = g.gelu("alone", g.relu("alone too", g.layernorm("norm", x)));
  g.cross_entropy(g.linear("head", x, {.out = 3}));
  expect_gradient(g);
}

TEST(JudgeGradient, TransformerWithTiedHead) {
  Graph g(2);
  ValueId x = g.embed("embed", g.tokens(5), 11, 6, 0.1f);
  const ValueId qkv = g.linear("qkv", g.layernorm("norm1", x), {.out = 18, .bias = Bias::yes});
  x = g.add("residual1", x, g.linear("project", g.attention("attention", qkv, 3), {.out = 6}));
  const ValueId up = g.gelu("gelu", g.linear("up", g.layernorm("norm2", x), {.out = 9, .bias = Bias::yes}));
  x = g.add("residual2", x, g.linear("down", up, {.out = 6, .bias = Bias::yes}));
  g.cross_entropy(g.tied_linear("head", g.layernorm("norm3", x), "embed"));
  expect_gradient(g);
}

TEST(JudgeGradient, TablesInteractionAndBinaryLoss) {
  Graph g(6);
  ValueId x = g.relu("relu", g.linear("bottom", g.dense(3), {.out = 4, .bias = Bias::yes}));
  const ValueId e = g.lookup("tables", g.rows(3), 9, 4, 0.1f);
  x = g.linear("top", g.interaction("interaction", x, e), {.out = 5, .bias = Bias::yes});
  g.binary_cross_entropy(g.linear("head", g.relu("relu2", x), {.out = 1}));
  expect_gradient(g);
}

TEST(JudgeGradient, GradientsOfOneValueReadThreeTimesMeet) {
  Graph g(4);
  const ValueId x = g.gelu("x", g.linear("one", g.dense(3), {.out = 4, .bias = Bias::yes}));
  const ValueId sum = g.add("sum", g.add("twice", x, x), g.linear("two", x, {.out = 4}));
  g.cross_entropy(g.linear("head", sum, {.out = 3}));
  expect_gradient(g);
}

}  // namespace
}  // namespace breakeven::cpu
