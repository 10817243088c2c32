// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace breakeven::cpu {
namespace {

MemoryOp problem(const char* text) {
  std::string why;
  return parse_memory_op(text, Precision::fp32, &why).value();
}

std::vector<double> all(const MemoryOp& op, const Inputs& inputs) {
  int64_t size = 0;
  for (const ArrayShape& shape : op.results()) size += shape.size();
  std::vector<int64_t> probes(static_cast<size_t>(size));
  std::iota(probes.begin(), probes.end(), 0);
  return memory_at(op, inputs, probes);
}

TEST(MemoryJudge, SoftmaxAndLossByHand) {
  const MemoryOp op = problem("softmax-r1c2"), loss = problem("cross_entropy-r1c2");
  Inputs inputs = loss.inputs(1);
  inputs.operands[0].as<float>()[0] = 0;
  inputs.operands[0].as<float>()[1] = 1;
  inputs.operands[1].as<int32_t>()[0] = 1;
  const double e = std::exp(1.0);
  EXPECT_NEAR(all(op, inputs)[1], e / (1 + e), 1e-15);
  EXPECT_NEAR(all(loss, inputs)[0], std::log(1 + e) - 1, 1e-15);
  EXPECT_NEAR(all(loss, inputs)[2], e / (1 + e) - 1, 1e-15);
}

TEST(MemoryJudge, GatherAndScatterByHand) {
  const MemoryOp gather = problem("gather-v3d2i2"), scatter = problem("scatter_add-v3d2i2");
  Inputs taken = gather.inputs(1), added = scatter.inputs(1);
  for (int i = 0; i < 6; ++i)
    taken.operands[0].as<float>()[i] = added.operands[0].as<float>()[i] = static_cast<float>(i);
  for (int j = 0; j < 2; ++j) taken.operands[1].as<int32_t>()[j] = added.operands[1].as<int32_t>()[j] = 2;
  for (int i = 0; i < 4; ++i) added.operands[2].as<float>()[i] = 10;
  EXPECT_EQ(all(gather, taken), (std::vector<double>{4, 5, 4, 5}));
  EXPECT_EQ(all(scatter, added), (std::vector<double>{0, 1, 2, 3, 24, 25}));
}

TEST(MemoryJudge, AdamwByHand) {
  const MemoryOp op = problem("adamw-n1");
  Inputs inputs = op.inputs(1);
  const float values[] = {1, 0.5f, 0.25f, 2};
  for (size_t i = 0; i < 4; ++i) inputs.operands[i].as<float>()[0] = values[i];
  const std::vector<double> got = all(op, inputs);
  EXPECT_NEAR(got[1], 0.9 * 0.5 + 0.1 * 2, 1e-7);
  EXPECT_NEAR(got[2], 0.999 * 0.25 + 0.001 * 4, 1e-7);
  EXPECT_NEAR(got[0], 1 - 1e-3 * (0.65 / (std::sqrt(0.25375 / (1 - std::pow(0.999, 1000))) + 1e-8) + 0.01),
              1e-7);
}

/// Sum of y w: what `numeric` gradients are of.
double weighted(const MemoryOp& op, const Inputs& inputs, const Tensor& weights) {
  const std::vector<double> y = all(op, inputs);
  double sum = 0;
  for (int64_t i = 0; i < weights.size(); ++i) sum += y[static_cast<size_t>(i)] * weights.at(i);
  return sum;
}

constexpr float kStep = 0x1p-8f;

template <class F>
double slope(float* x, F f) {
  const float before = *x;
  *x = before + kStep;
  const double up = f();
  const double width = *x;
  *x = before - kStep;
  const double down = f(), below = *x;
  *x = before;
  return (up - down) / (width - below);
}

TEST(MemoryJudge, LayernormsGradientsAreItsSlopes) {
  const MemoryOp forward = problem("layernorm-r3c9"), backward = problem("layernorm_bwd-r3c9");
  Inputs given = backward.inputs(4), inputs = forward.inputs(4);
  inputs.operands[0] = given.operands[0].clone();
  inputs.operands[1] = given.operands[1].clone();
  const std::vector<double> gradients = all(backward, given);
  const auto value = [&] { return weighted(forward, inputs, given.operands[4]); };
  for (int i = 0; i < 27; ++i)
    EXPECT_NEAR(slope(inputs.operands[0].as<float>() + i, value), gradients[static_cast<size_t>(i)], 2e-3)
        << i;
  for (size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(slope(inputs.operands[1].as<float>() + i, value), gradients[27 + i], 1e-5) << i;
    EXPECT_NEAR(slope(inputs.operands[2].as<float>() + i, value), gradients[36 + i], 1e-5) << i;
  }
}

TEST(MemoryJudge, CrossEntropysGradientIsTheSlopeOfTheMeanLoss) {
  const MemoryOp op = problem("cross_entropy-r3c5");
  Inputs inputs = op.inputs(4);
  const std::vector<double> values = all(op, inputs);
  const auto mean = [&] {
    const std::vector<double> now = all(op, inputs);
    return (now[0] + now[1] + now[2]) / 3;
  };
  for (size_t i = 0; i < 15; ++i)
    EXPECT_NEAR(slope(inputs.operands[0].as<float>() + i, mean), values[3 + i], 1e-5) << i;
}

TEST(MemoryJudge, GeluAtKnownPoints) {
  const MemoryOp op = problem("gelu-n3");
  Inputs inputs = op.inputs(1);
  for (int i = 0; i < 3; ++i) inputs.operands[0].as<float>()[i] = static_cast<float>(i - 1);
  const std::vector<double> got = all(op, inputs);
  EXPECT_NEAR(got[0], -0.158808009, 1e-8);
  EXPECT_EQ(got[1], 0);
  EXPECT_NEAR(got[2], 0.841191991, 1e-8);
}

TEST(MemoryJudge, ProbesAgreeWithTheWhole) {
  for (const char* text :
       {"layernorm-r5c7", "layernorm_bwd-r5c7", "cross_entropy-r5c7", "scatter_add-v4d3i9"}) {
    const MemoryOp op = problem(text);
    const Inputs inputs = op.inputs(6);
    const std::vector<double> whole = all(op, inputs);
    const std::vector<int64_t> probes{11, 2, 0, static_cast<int64_t>(whole.size()) - 1};
    const std::vector<double> some = memory_at(op, inputs, probes);
    for (size_t i = 0; i < probes.size(); ++i)
      EXPECT_EQ(some[i], whole[static_cast<size_t>(probes[i])]) << text;
  }
}

}  // namespace
}  // namespace breakeven::cpu
