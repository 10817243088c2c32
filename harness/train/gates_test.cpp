// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/gates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace breakeven::train {
namespace {

Program two_parameters() {
  Program p;
  p.parameters = {{"first", {3}, 0, 3}, {"second", {2}, 16, 2}};
  return p;
}
std::vector<float> arena(std::vector<float> first, std::vector<float> second) {
  std::vector<float> all(32, 0.0f);
  std::ranges::copy(first, all.begin());
  std::ranges::copy(second, all.begin() + 16);
  return all;
}

TEST(Gates, StepZeroByPrecision) {
  const Program p = two_parameters();
  const std::vector<float> judge = arena({1, 2, 2}, {0, 0}), longer = arena({1.001f, 2, 2}, {0, 0}),
                           turned = arena({1, 2, -2}, {0, 0}), twice = arena({2, 4, 4}, {0, 0}),
                           extra = arena({1, 2, 2}, {0, 1e-9f});
  EXPECT_EQ(step_gate(p, Precision::fp32, 1, judge, 1, judge).verdict, Verdict::ok);
  const GateResult off = step_gate(p, Precision::fp32, 1, longer, 1, judge);
  EXPECT_EQ(off.verdict, Verdict::wrong);
  EXPECT_NEAR(off.error, 0.001 / 3, 1e-6);
  EXPECT_NE(off.where.find("gradient of first"), std::string::npos);
  EXPECT_EQ(step_gate(p, Precision::tf32, 1, longer, 1, judge).verdict, Verdict::ok);
  EXPECT_EQ(step_gate(p, Precision::bf16, 1, turned, 1, judge).verdict, Verdict::wrong);
  EXPECT_EQ(step_gate(p, Precision::tf32, 1, twice, 1, judge).verdict, Verdict::wrong);
  EXPECT_EQ(step_gate(p, Precision::fp32, 1, extra, 1, judge).verdict, Verdict::wrong) << "where there is none";
  EXPECT_EQ(step_gate(p, Precision::fp32, 1.00001f, judge, 1, judge).verdict, Verdict::wrong);
  EXPECT_EQ(step_gate(p, Precision::bf16, 1.002f, judge, 1, judge).verdict, Verdict::ok);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(step_gate(p, Precision::bf16, nan, judge, 1, judge).verdict, Verdict::wrong);
  EXPECT_EQ(step_gate(p, Precision::fp32, 1, arena({nan, 2, 2}, {0, 0}), 1, judge).verdict, Verdict::wrong);
  EXPECT_EQ(step_gate(p, Precision::bf16, 1, arena({nan, 2, 2}, {0, 0}), 1, judge).verdict, Verdict::wrong);
}

Curve curve(std::vector<float> losses, double evaluation = 1) {
  Curve c;
  c.losses = std::move(losses);
  c.evaluation.loss = evaluation;
  return c;
}

TEST(Gates, CurvesPointByPointWhileTheyAreShort) {
  const Curve judge = curve({2, 1.5f, 1});
  const GateResult off = curve_gate(Precision::fp32, curve({2, 1.506f, 1}), judge);
  EXPECT_EQ(off.verdict, Verdict::wrong);
  EXPECT_NE(off.where.find("step 1 "), std::string::npos);
  EXPECT_EQ(curve_gate(Precision::bf16, curve({2, 1.506f, 1}), judge).verdict, Verdict::ok);
  EXPECT_EQ(curve_gate(Precision::bf16, curve({2, 1.5f, 1}, 1.1), judge).verdict, Verdict::wrong) << "the evaluation";
  EXPECT_EQ(curve_gate(Precision::bf16, curve({2, 1.5f}), judge).verdict, Verdict::wrong) << "a loss is missing";
  std::vector<float> many(30, 1.0f), astray = many;
  astray[25] = 2;
  EXPECT_EQ(curve_gate(Precision::fp32, curve(astray, 3), curve(many)).verdict, Verdict::ok) << "beyond 20 steps";
  astray[19] = 2;
  EXPECT_EQ(curve_gate(Precision::fp32, curve(astray), curve(many)).verdict, Verdict::wrong);
}

TEST(Gates, MovingAverages) {
  std::vector<float> judge(60), near(60), late(60);
  for (size_t i = 0; i < judge.size(); ++i) {
    judge[i] = 2 - 0.01f * static_cast<float>(i);
    near[i] = judge[i] * (i % 2 == 0 ? 1.3f : 0.7f);  // noise that an average takes away
    late[i] = judge[i] * (i < 35 ? 1.0f : 1.2f);
  }
  EXPECT_EQ(average_gate(near, judge).verdict, Verdict::ok);
  const GateResult off = average_gate(late, judge);
  EXPECT_EQ(off.verdict, Verdict::wrong);
  EXPECT_NEAR(off.error, 0.2, 1e-3);
  EXPECT_EQ(average_gate(std::span(judge).first(59), judge).verdict, Verdict::wrong);
  const float few[] = {1, 2, 3}, others[] = {3, 2, 1};
  EXPECT_EQ(average_gate(few, others).verdict, Verdict::ok) << "one average over all there are";
  late[50] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(average_gate(late, judge).verdict, Verdict::wrong);
}

TEST(Gates, RepeatsByTheBit) {
  Curve a = curve({1, 2}), b = a;
  a.parameters = {0.0f, 1.0f};
  b.parameters = {-0.0f, 1.0f};
  EXPECT_EQ(repeat_gate(a, a).verdict, Verdict::ok);
  EXPECT_EQ(repeat_gate(a, b).verdict, Verdict::none);
  EXPECT_EQ(repeat_gate(a, b).error, 1) << "a zero of another sign is another bit";
  EXPECT_NE(fingerprint(std::span<const float>(a.parameters)), fingerprint(std::span<const float>(b.parameters)));
}

}  // namespace
}  // namespace breakeven::train
