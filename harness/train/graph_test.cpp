// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/train/initial.h"

namespace breakeven::train {
namespace {

using Bias = Graph::Bias;

/// conv, norm, relu, a residual of the same, pool, linear: everything that meets in a small image network.
Graph residual_net(int64_t batch) {
  Graph g(batch);
  ValueId x = g.pixels(8, 8, 3);
  x = g.relu("relu1", g.batchnorm("norm1", g.conv("conv1", x, 4, 3, 1, 1)));
  const ValueId y = g.relu("relu2", g.batchnorm("norm2", g.conv("conv2", x, 4, 3, 1, 1)));
  x = g.maxpool("pool", g.add("sum", x, y), 4);
  g.cross_entropy(g.linear("head", x, {.out = 10, .scale = 0.125f}));
  return g;
}

std::vector<OpKind> kinds(const std::vector<Op>& ops) {
  std::vector<OpKind> out;
  for (const Op& op : ops) out.push_back(op.kind);
  return out;
}

TEST(Graph, GradientsComeInReverseOrderAndMeet) {
  using enum OpKind;
  const Program p = differentiate(residual_net(2));
  EXPECT_EQ(kinds(p.forward),
            (std::vector{conv, batchnorm, conv, batchnorm, add, maxpool, linear, cross_entropy}));
  // Nothing asks for the gradient of the pixels; relu went into the norms; the residual's two gradients are
  // added.
  EXPECT_EQ(kinds(p.backward), (std::vector{linear_weights, linear_data, maxpool_bwd, batchnorm_bwd,
                                            conv_weights, conv_data, add, batchnorm_bwd, conv_weights}));
  EXPECT_EQ(p.forward[1].activation, Activation::relu);
  EXPECT_EQ(p.backward[3].activation, Activation::relu);
}

TEST(Graph, EveryValueIsWrittenOnceAndBeforeItIsRead) {
  const Program p = differentiate(residual_net(2));
  std::vector<int> written(p.values.size(), 0);
  ++written[static_cast<size_t>(p.inputs.pixels)];
  ++written[static_cast<size_t>(p.inputs.labels)];
  for (const auto* ops : {&p.forward, &p.backward}) {
    for (const Op& op : *ops) {
      for (const ValueId id : op.in) EXPECT_EQ(written[static_cast<size_t>(id)], 1) << p.value(id).name;
      for (const ValueId id : op.out) EXPECT_EQ(++written[static_cast<size_t>(id)], 1) << p.value(id).name;
    }
  }
}

TEST(Graph, TiedWeightsGatherBothGradients) {
  Graph g(2);
  const ValueId x = g.embed("embed", g.tokens(5), 11, 8, 0.1f);
  const ValueId h = g.gelu("act", g.linear("up", g.layernorm("norm", x), {.out = 8}));
  g.cross_entropy(g.tied_linear("head", h, "embed"));
  const Program p = differentiate(g);
  ASSERT_EQ(p.backward.front().kind, OpKind::linear_weights);
  EXPECT_FALSE(p.backward.front().accumulate);
  ASSERT_EQ(p.backward.back().kind, OpKind::embed_bwd);
  EXPECT_TRUE(p.backward.back().accumulate);
  EXPECT_EQ(p.forward[2].out.size(), 2u) << "gelu's gradient needs what stood before it";
}

TEST(Graph, LayersThatDoNotFitAreNamed) {
  Graph g(2);
  const ValueId x = g.pixels(8, 8, 3);
  const auto message = [](auto make) {
    try {
      make();
    } catch (const ShapeError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message([&] { g.maxpool("pool", x, 3); }),
            "layer 'pool': windows of 3 x 3 do not tile [2,8,8,3]");
  EXPECT_EQ(message([&] { g.add("sum", x, g.conv("c", x, 4, 3, 1, 1)); }),
            "layer 'sum': [2,8,8,3] + [2,8,8,4]");
  EXPECT_EQ(message([&] { g.conv("c", x, 4, 3, 1, 1); }), "layer 'c.weight': another layer has this name");
  EXPECT_NE(message([&] { g.conv("d", x, 4, 11, 1, 1); }), "");
  EXPECT_NE(message([&] { g.linear("l", x, {.out = int64_t{1} << 40}); }), "");
  EXPECT_NE(message([] { Graph(0); }), "");
}

TEST(MemoryPlan, ValuesAliveTogetherDoNotOverlap) {
  const Program p = differentiate(residual_net(4));
  std::vector<int64_t> bytes;
  int64_t all = 0;
  for (const Value& v : p.values) all += bytes.emplace_back(4 * v.size());
  const MemoryPlan plan = plan_memory(p, bytes);
  EXPECT_LT(plan.bytes, all) << "nothing shares memory";
  // Executed on tags: whoever reads a value must find the tag that its writer left in all of its lines.
  std::vector<ValueId> owner(static_cast<size_t>(plan.bytes / 64), kNoValue);
  const auto lines = [&](ValueId id, auto visit) {
    const auto i = static_cast<size_t>(id);
    for (int64_t at = plan.offset[i] / 64; at < (plan.offset[i] + bytes[i] + 63) / 64; ++at)
      visit(owner[static_cast<size_t>(at)]);
  };
  const auto write = [&](ValueId id) { lines(id, [&](ValueId& o) { o = id; }); };
  write(p.inputs.pixels);
  write(p.inputs.labels);
  for (const auto* ops : {&p.forward, &p.backward}) {
    for (const Op& op : *ops) {
      for (const ValueId id : op.out) write(id);
      for (const ValueId id : op.in) lines(id, [&](ValueId& o) { EXPECT_EQ(o, id) << p.value(id).name; });
      for (const ValueId id : op.out) lines(id, [&](ValueId& o) { EXPECT_EQ(o, id) << p.value(id).name; });
    }
  }
  lines(p.loss, [&](ValueId& o) { EXPECT_EQ(o, p.loss); });
}

TEST(Flops, OfAResidualNetByHand) {
  const Program p = differentiate(residual_net(2));
  // 8 x 8 outputs, 3 x 3 taps, padding 1: per axis 3 taps at 8 places less one at each end.
  const double pairs = 22 * 22;
  const double conv1 = 2 * pairs * 3 * 4, conv2 = 2 * pairs * 4 * 4, head = 2 * 10 * 16;
  EXPECT_DOUBLE_EQ(forward_flops(p), 2 * (conv1 + conv2 + head));
  EXPECT_DOUBLE_EQ(model_flops(p), 2 * (2 * conv1 + 3 * conv2 + 3 * head));
}

TEST(Initial, ParametersAreBoundedDistinctAndPinned) {
  const Program p = differentiate(residual_net(2));
  const std::vector<float> a = initial_parameters(p, 1), b = initial_parameters(p, 2);
  EXPECT_EQ(a, initial_parameters(p, 1));
  EXPECT_NE(a, b);
  for (const Parameter& parameter : p.parameters) {
    EXPECT_EQ(parameter.offset % kArenaAlignment, 0);
    const auto begin = a.begin() + parameter.offset, end = begin + parameter.size;
    if (parameter.bound == 0) {
      EXPECT_TRUE(std::all_of(begin, end, [&](float v) { return v == parameter.constant; }));
      continue;
    }
    EXPECT_LE(*std::max_element(begin, end), parameter.bound);
    EXPECT_GT(*std::max_element(begin, end), 0.8f * parameter.bound);
    EXPECT_GE(*std::min_element(begin, end), -parameter.bound);
  }
}

}  // namespace
}  // namespace breakeven::train
