// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_operations.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <bit>
#include <cmath>
#include <limits>

#include "cpu_ref/train/judge_fixture.h"
#include "cpu_ref/train/judge_one_operation.h"
#include "harness/train/graph.h"

// Values worked out by hand, and what no gradient tells: ties, running statistics, results written in full.

namespace breakeven::cpu {
namespace {

using namespace train;
using Bias = Graph::Bias;

TEST(JudgeOperations, TiesOfPoolingGoToTheFirstInRowMajorOrder) {
  // Two windows side by side, one channel; in the second the largest stands at (0, 1) and (1, 0).
  OneOperation pool({.kind = OpKind::maxpool, .in = {0}, .out = {1}, .kernel = 2, .stride = 2},
                    {{1, 2, 4, 1}, {1, 1, 2, 1}});
  pool.arrays.values[0] = {7, 7, 1, 3,  //
                           7, 7, 3, 2};
  pool.run();
  EXPECT_EQ(pool.arrays.values[1], (Numbers{7, 3}));
  OneOperation back({.kind = OpKind::maxpool_bwd, .in = {0, 1, 2}, .out = {3}, .kernel = 2, .stride = 2},
                    {{1, 2, 4, 1}, {1, 1, 2, 1}, {1, 1, 2, 1}, {1, 2, 4, 1}});
  back.arrays.values = {pool.arrays.values[0], pool.arrays.values[1], {10, 20}, {}};
  back.run();
  EXPECT_EQ(back.arrays.values[3], (Numbers{10, 0, 0, 20, 0, 0, 0, 0}));
}

TEST(JudgeOperations, ZeroIsNotAboveZero) {
  OneOperation relu({.kind = OpKind::relu_bwd, .in = {0, 1}, .out = {2}}, {{4}, {4}, {4}});
  relu.arrays.values = {{-1, 0, -0.0, 2}, {5, 6, 7, 8}, {}};
  relu.run();
  EXPECT_EQ(relu.arrays.values[2], (Numbers{0, 0, 0, 8}));
}

TEST(JudgeOperations, LinearScalesTheProductAndNotTheBias) {
  OneOperation linear(
      {.kind = OpKind::linear, .in = {0}, .out = {1, 2}, .activation = Activation::gelu, .scale = 0.5f},
      {{1, 2}, {1, 2}, {1, 2}}, {{2, 2}, {2}});
  linear.set(0, {1, 2, 3, 4});
  linear.set(1, {10, -20});
  linear.arrays.values[0] = {2, 4};
  linear.run();
  EXPECT_EQ(linear.arrays.values[2], (Numbers{0.5 * 10 + 10, 0.5 * 22 - 20}));
  EXPECT_NEAR(linear.arrays.values[1][0], 15, 1e-12);
  EXPECT_NEAR(linear.arrays.values[1][1], 0, 1e-12);
}

TEST(JudgeOperations, GeluIsTheOneByTanh) {
  OneOperation gelu({.kind = OpKind::gelu, .in = {0}, .out = {1}}, {{2}, {2}});
  gelu.arrays.values[0] = {1, -2};
  gelu.run();
  EXPECT_NEAR(gelu.arrays.values[1][0], 0.84119199060829, 1e-13);  // by the error function: 0.8413447
  EXPECT_NEAR(gelu.arrays.values[1][1], -0.04540230591222, 1e-13);
}

TEST(JudgeOperations, WeightGradientsAreSetOrAddedTo) {
  OneOperation weights({.kind = OpKind::linear_weights, .in = {0, 1}, .accumulate = true, .scale = 2},
                       {{2, 2}, {2, 1}}, {{1, 2}, {1}});
  weights.arrays.values = {{1, 2, 3, 4}, {10, 100}};
  weights.arrays.gradients.assign(weights.arrays.gradients.size(), 1.0);
  weights.run();
  EXPECT_EQ(weights.gradient(0), (Numbers{1 + 2 * 310, 1 + 2 * 420}));
  EXPECT_EQ(weights.gradient(1), (Numbers{1 + 110}));  // the bias stands outside of the scale
  weights.op.accumulate = false;
  weights.run();
  EXPECT_EQ(weights.gradient(0), (Numbers{620, 840}));
  EXPECT_EQ(weights.gradient(1), (Numbers{110}));
}

TEST(JudgeOperations, EmbeddingsAddToTheTokensGradientAndSetThePositions) {
  OneOperation embed({.kind = OpKind::embed_bwd, .in = {0, 1}, .accumulate = true}, {{2, 2}, {2, 2, 1}},
                     {{3, 1}, {2, 1}});
  embed.arrays.values = {{2, 0, 2, 2}, {1, 10, 100, 1000}};
  embed.arrays.gradients.assign(embed.arrays.gradients.size(), 0.5);
  embed.run();
  EXPECT_EQ(embed.gradient(0), (Numbers{10.5, 0.5, 1101.5}));
  EXPECT_EQ(embed.gradient(1), (Numbers{101, 1010}));
}

TEST(JudgeOperations, RunningStatisticsMoveByATenthAndServeEvaluation) {
  OneOperation norm({.kind = OpKind::batchnorm, .in = {0}, .out = {1, 2, 3}, .states = {0, 1}},
                    {{4, 1}, {4, 1}, {1}, {1}}, {{1}, {1}});
  norm.program.states = {{"mean", 0, 1, 0}, {"variance", 1, 1, 1}};
  norm.set(0, {2});
  norm.set(1, {3});
  norm.arrays.states = {0, 1};
  norm.arrays.values[0] = {1, 3, 5, 7};  // mean 4, biased variance 5
  norm.run();
  EXPECT_EQ(norm.arrays.values[2][0], 4);
  EXPECT_NEAR(norm.arrays.values[3][0], 1 / std::sqrt(5 + 1e-5), 1e-12);
  EXPECT_NEAR(norm.arrays.values[1][0], 3 - 2 * 3 / std::sqrt(5 + 1e-5), 1e-12);
  EXPECT_NEAR(norm.arrays.states[0], 0.4, 1e-7);
  EXPECT_NEAR(norm.arrays.states[1], 0.9 + 0.5, 1e-7);
  const Numbers states = norm.arrays.states = {2, 16};
  norm.run(Mode::evaluation);
  EXPECT_NEAR(norm.arrays.values[1][3], 3 + 2 * (7.0 - 2) / 4, 1e-5);
  EXPECT_EQ(norm.arrays.values[2][0], 2);
  EXPECT_EQ(norm.arrays.states, states);
}

TEST(JudgeOperations, LossesFarFromZeroNeitherOverflowNorVanish) {
  OneOperation loss({.kind = OpKind::cross_entropy, .in = {0, 1}, .out = {2, 3}}, {{2, 2}, {2}, {1}, {2, 2}});
  loss.arrays.values = {{1000, 0, -1000, -1000}, {1, 0}, {}, {}};
  loss.run();
  EXPECT_DOUBLE_EQ(loss.arrays.values[2][0], (1000 + std::log(2.0)) / 2);
  EXPECT_EQ(loss.arrays.values[3], (Numbers{0.5, -0.5, -0.25, 0.25}));
  OneOperation binary({.kind = OpKind::binary_cross_entropy, .in = {0, 1}, .out = {2, 3}},
                      {{2}, {2}, {1}, {2}});
  binary.arrays.values = {{-1000, 1000}, {1, 1}, {}, {}};
  binary.run();
  EXPECT_DOUBLE_EQ(binary.arrays.values[2][0], 500);
  EXPECT_EQ(binary.arrays.values[3], (Numbers{-0.5, 0}));
}

TEST(JudgeOperations, AttentionSeesThePastAlone) {
  OneOperation attention({.kind = OpKind::attention, .in = {0}, .out = {1, 2}},
                         {{1, 2, 3}, {1, 2, 1}, {1, 1, 2}});
  attention.arrays.values[0] = {1, 2, 30,  //
                                3, 4, 50};
  attention.run();
  EXPECT_EQ(attention.arrays.values[1][0], 30);
  EXPECT_EQ(attention.arrays.values[2][0], 2);
  EXPECT_NEAR(attention.arrays.values[1][1],
              (30 * std::exp(6) + 50 * std::exp(12)) / (std::exp(6) + std::exp(12)), 1e-12);
  EXPECT_NEAR(attention.arrays.values[2][1], std::log(std::exp(6) + std::exp(12)), 1e-12);
}

TEST(JudgeOperations, WhatNobodyKnowsIsNamed) {
  OneOperation add({.kind = OpKind::add, .in = {0, 1}, .out = {2}}, {{2}, {2}, {2}});
  add.arrays.values[0] = {1, 2};
  EXPECT_THROW(add.run(), std::logic_error);
  OneOperation lookup({.kind = OpKind::lookup, .in = {0}, .out = {1}}, {{1, 1}, {1, 1, 1}}, {{3, 1}});
  lookup.arrays.values[0] = {3};
  EXPECT_THROW(lookup.run(), std::out_of_range);
}

// Every kind of operation, forward and backward, in four models.
Graph convolutional() {
  Graph g(3);
  ValueId x = g.relu("r", g.batchnorm("n", g.conv("c", g.pixels(6, 6, 2), 5, 3, 2, 1)));
  x = g.relu("r2", g.add("s", x, g.conv("c2", x, 5, 3, 1, 1)));
  g.cross_entropy(g.linear("head", g.maxpool("p", x, 3), {.out = 4}));
  return g;
}
Graph transformer() {
  Graph g(2);
  ValueId x = g.embed("e", g.tokens(5), 11, 6, 0.1f);
  x = g.attention("a", g.linear("q", g.layernorm("n", x), {.out = 18, .bias = Bias::yes}), 2);
  g.cross_entropy(
      g.tied_linear("h", g.gelu("g2", g.relu("r", g.gelu("g", g.linear("u", x, {.out = 6})))), "e"));
  return g;
}
Graph clicks() {
  Graph g(4);
  const ValueId z =
      g.interaction("i", g.linear("b", g.dense(3), {.out = 4}), g.lookup("t", g.rows(2), 9, 4, 0.1f));
  g.binary_cross_entropy(g.linear("h", z, {.out = 1, .bias = Bias::yes}));
  return g;
}

/// All results of one step, after everything that will be written was `before`.
Arrays results(const Program& program, double before) {
  Arrays arrays = RandomArrays(program).take();
  arrays.gradients.assign(arrays.parameters.size(), before);
  for (const auto* ops : {&program.forward, &program.backward}) {
    for (const Op& op : *ops) {
      for (const ValueId id : op.out)
        arrays.values[static_cast<size_t>(id)].assign(static_cast<size_t>(program.value(id).size()), before);
    }
  }
  for (const auto* ops : {&program.forward, &program.backward}) {
    for (const Op& op : *ops) judge_operation(program, op, arrays, Mode::training);
  }
  return arrays;
}

TEST(JudgeOperations, EveryResultIsWrittenInFull) {
  for (const Graph& graph : {convolutional(), transformer(), clicks()}) {
    const Program program = differentiate(graph);
    const Arrays clean = results(program, 0),
                 dirty = results(program, std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < clean.values.size(); ++i)
      EXPECT_EQ(clean.values[i], dirty.values[i]) << program.values[i].name;
    EXPECT_EQ(clean.states, dirty.states);
    for (const Parameter& p : program.parameters) {
      for (int64_t i = p.offset; i < p.offset + p.size; ++i)
        EXPECT_EQ(clean.gradients[static_cast<size_t>(i)], dirty.gradients[static_cast<size_t>(i)]) << p.name;
    }
  }
}

TEST(JudgeOperations, TheSameBitsFromAnyNumberOfThreads) {
  const int before = omp_get_max_threads();
  for (const Graph& graph : {convolutional(), transformer(), clicks()}) {
    const Program program = differentiate(graph);
    omp_set_num_threads(1);
    const Arrays one = results(program, 0);
    omp_set_num_threads(3);
    const Arrays three = results(program, 0);
    EXPECT_EQ(one.values, three.values);
    EXPECT_EQ(one.gradients, three.gradients);
  }
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace breakeven::cpu
