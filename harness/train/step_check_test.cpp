// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/step_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/train/scripted_training.h"

namespace breakeven::train {
namespace {

struct StepCheck : testing::Test {
  StepCheck() {
    for (const Parameter& p : program.parameters) {
      for (int64_t i = 0; i < p.size; ++i)
        judge.gradients[static_cast<size_t>(p.offset + i)] = i % 2 ? 0.5f : -1.0f;
    }
    answer = judge;
  }
  std::span<float> tensor(size_t i) {
    const Parameter& p = program.parameters.at(i);
    return std::span(answer.gradients).subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
  }
  Check check(Precision precision) { return check_step(program, answer, judge, precision); }
  Program program = differentiate(scripted::workload().build(4));
  FirstStep judge{2.0, std::vector<float>(static_cast<size_t>(program.arena_size()))}, answer;
};

TEST_F(StepCheck, TakesTheSameAnswer) {
  for (const Precision p :
       {Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp16, Precision::fp64}) {
    EXPECT_EQ(check(p).verdict, Verdict::ok);
    EXPECT_LT(check(p).error, 1e-6);
  }
}

TEST_F(StepCheck, HoldsTheLossAgainstTheBoundOfItsPrecision) {
  answer.loss = 2 * (1 + 2e-3);
  EXPECT_EQ(check(Precision::fp32).verdict, Verdict::wrong);
  EXPECT_NEAR(check(Precision::fp32).error, 2000, 1);
  EXPECT_NE(check(Precision::fp32).where.find("loss"), std::string::npos);
  EXPECT_EQ(check(Precision::tf32).verdict, Verdict::wrong);
  EXPECT_EQ(check(Precision::bf16).verdict, Verdict::ok);
  answer.loss = NAN;
  EXPECT_EQ(check(Precision::bf16).verdict, Verdict::wrong);
}

TEST_F(StepCheck, OneTensorThatIsOffIsFoundAmongAll) {
  for (float& g : tensor(1)) g *= 1.01f;
  const Check wrong = check(Precision::fp32);
  EXPECT_EQ(wrong.verdict, Verdict::wrong);
  EXPECT_NEAR(wrong.error, 100, 1);
  EXPECT_NE(wrong.where.find("gradient of " + program.parameters[1].name), std::string::npos) << wrong.where;
  EXPECT_EQ(check(Precision::tf32).verdict, Verdict::ok);
  EXPECT_EQ(check(Precision::bf16).verdict, Verdict::ok);  // whose direction counts
}

TEST_F(StepCheck, LowPrecisionIsHeldByDirection) {
  for (float& g : tensor(0)) g = -g;
  EXPECT_NEAR(check(Precision::bf16).error, 2 / 0.1, 1e-3);
  std::ranges::fill(tensor(0), 0.0f);
  EXPECT_EQ(check(Precision::fp16).verdict, Verdict::wrong);
  tensor(0)[0] = NAN;
  EXPECT_EQ(check(Precision::fp16).verdict, Verdict::wrong);
}

// A gradient that is zero by mathematics is a rounding error in any arithmetic.
TEST_F(StepCheck, AGradientNextToNothingIsHeldAgainstTheOthers) {
  const Parameter& p = program.parameters.at(1);
  std::fill_n(judge.gradients.begin() + p.offset, p.size, 1e-9f);
  std::ranges::fill(tensor(1), -1e-8f);
  EXPECT_EQ(check(Precision::fp32).verdict, Verdict::ok);
  EXPECT_EQ(check(Precision::bf16).verdict, Verdict::ok);
  std::ranges::fill(tensor(1), 1e-2f);
  EXPECT_EQ(check(Precision::fp32).verdict, Verdict::wrong);
  EXPECT_EQ(check(Precision::bf16).verdict, Verdict::wrong);
}

TEST(StepQuestion, TakesAFewSamples) {
  Workload w = scripted::workload();
  const Datasets d = w.load({});
  const auto question = [&] {
    return step_question({std::make_shared<const Workload>(w)}, d.train, 5).value();
  };
  EXPECT_EQ(question().program.batch, 10);  // its own, below 16
  EXPECT_EQ(question().data.pixels.size(), 40u);
  EXPECT_EQ(question().data.labels.size(), 10u);
  w.schedule.batch = 64;
  EXPECT_EQ(question().program.batch, 16);
  w.build = [](int64_t batch) {
    Graph g(batch);
    const ValueId wide = g.conv("wide", g.pixels(256, 256, 1), 64, 3, 1, 1);
    g.cross_entropy(g.linear("head", g.maxpool("pool", g.conv("wider", wide, 64, 3, 1, 1), 256), {.out = 2}));
    return g;
  };
  EXPECT_EQ(question().program.batch, 4);  // over 10^10 operations a sample
}

TEST(StepQuestion, OfTextHasWindowsSideBySide) {
  Workload w = scripted::workload();
  w.schedule.batch = 3;
  Dataset text;
  text.kind = DataKind::text, text.window = 4, text.vocabulary = 9;
  text.tokens = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1};  // two windows of four, and what comes after
  const StepQuestion q = step_question({std::make_shared<const Workload>(w)}, text, 5).value();
  EXPECT_EQ(q.program.batch, 2);
  EXPECT_EQ(q.data.tokens.size(), 9u);
  EXPECT_EQ(q.data.samples, 2);
}

}  // namespace
}  // namespace breakeven::train
