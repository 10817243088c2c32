// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_executable.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "cpu_ref/cpu.h"
#include "cpu_ref/train/judge_batch.h"
#include "cpu_ref/train/judge_operations.h"
#include "harness/train/graph.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {
namespace {

using namespace train;
using Bias = Graph::Bias;

/// Points of the plane; the label says whether they lie in the first and third quarter: not linear.
Dataset quarters(int64_t samples, uint32_t seed) {
  Dataset d;
  d.samples = samples;
  d.channels = 1;
  d.height = 1;
  d.width = 2;
  d.classes = 2;
  std::mt19937 engine(seed);
  for (int64_t i = 0; i < samples; ++i) {
    const auto x = static_cast<uint8_t>(engine() % 100), y = static_cast<uint8_t>(engine() % 100);
    const bool right = engine() % 2 == 0, above = engine() % 2 == 0;
    d.pixels.push_back(static_cast<uint8_t>(right ? 255 - x : x));
    d.pixels.push_back(static_cast<uint8_t>(above ? 255 - y : y));
    d.labels.push_back(right == above ? 1 : 0);
  }
  return d;
}

Program small_mlp(int64_t batch) {
  Graph g(batch);
  const ValueId h = g.relu("relu", g.linear("hidden", g.pixels(1, 2, 1), {.out = 16, .bias = Bias::yes}));
  g.cross_entropy(g.linear("head", h, {.out = 2, .bias = Bias::yes}));
  return differentiate(g);
}

struct Trained {
  Trained(const Program& p, const Optimizer& optimizer, const Dataset& train, const Dataset& test)
      : program(p) {
    CompileRequest request;
    request.optimizer = optimizer;
    request.threads = 2;
    request.program = &program;
    request.precision = Precision::fp64;
    executable = compile_judge(request);
    executable->upload(train, test);
    executable->reset(initial_parameters(program, 1));
    std::vector<uint32_t> order(static_cast<size_t>(train.samples));
    std::iota(order.begin(), order.end(), 0u);
    executable->begin({order, 1, 0});
  }
  Program program;
  std::unique_ptr<Executable> executable;
};

TEST(JudgeExecutable, ASmallNetworkLearnsWhatIsNotLinear) {
  for (const Optimizer& optimizer :
       {Optimizer{.kind = OptimizerKind::sgd}, Optimizer{.kind = OptimizerKind::adamw},
        Optimizer{.kind = OptimizerKind::adagrad}}) {
    Trained run(small_mlp(32), optimizer, quarters(320, 1), quarters(100, 2));
    const float rate = optimizer.kind == OptimizerKind::adamw ? 0.02f : 0.1f;
    for (int64_t s = 0; s < 400; ++s) run.executable->step(s % 10, {rate, s + 1});
    const std::vector<float> losses = run.executable->take_losses();
    ASSERT_EQ(losses.size(), 400u);
    EXPECT_LT(losses.back(), 0.2f * losses.front());
    EXPECT_TRUE(run.executable->take_losses().empty());
    const Evaluation e = run.executable->evaluate();
    EXPECT_EQ(e.correct, 100) << static_cast<int>(optimizer.kind);
    EXPECT_EQ(e.rows, 100);
  }
}

TEST(JudgeExecutable, AStepIsTheGradientAndThenTheOptimizer) {
  Trained run(small_mlp(8), {.momentum = 0}, quarters(16, 1), quarters(8, 2));
  run.executable->differentiate(1);
  const std::vector<float> gradient = run.executable->gradients(), before = run.executable->parameters();
  EXPECT_EQ(before, initial_parameters(run.program, 1));
  run.executable->step(1, {0.5f, 1});
  EXPECT_EQ(run.executable->gradients(), gradient);
  const std::vector<float> after = run.executable->parameters();
  for (size_t i = 0; i < after.size(); ++i) EXPECT_NEAR(after[i], before[i] - 0.5 * gradient[i], 1e-6);
  const std::vector<float> losses = run.executable->take_losses();
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_EQ(losses[0], losses[1]);
  run.executable->reset(before);
  EXPECT_EQ(run.executable->parameters(), before);
  EXPECT_TRUE(run.executable->operation_times().empty());
}

Program normed(int64_t batch) {
  Graph g(batch);
  g.cross_entropy(g.linear("head", g.batchnorm("norm", g.pixels(1, 2, 1)), {.out = 2}));
  return differentiate(g);
}

TEST(JudgeExecutable, DifferentiatingMovesNoRunningStatistics) {
  Trained run(normed(16), {}, quarters(16, 1), quarters(16, 2));
  const double before = run.executable->evaluate().loss;
  run.executable->differentiate(0);
  EXPECT_EQ(run.executable->evaluate().loss, before);
  run.executable->step(0, {0, 1});  // learns nothing, and yet
  EXPECT_NE(run.executable->evaluate().loss, before);
}

TEST(JudgeExecutable, APartialLastBatchCountsForWhatItHas) {
  // With running statistics a sample's logits do not depend on its neighbours: one batch or three, padded.
  const Dataset test = quarters(10, 3);
  Trained whole(normed(10), {}, quarters(16, 1), test), parts(normed(4), {}, quarters(16, 1), test);
  const Evaluation one = whole.executable->evaluate(), three = parts.executable->evaluate();
  EXPECT_EQ(three.rows, 10);
  EXPECT_EQ(one.correct, three.correct);
  EXPECT_NEAR(one.loss, three.loss, 1e-13);
  EXPECT_TRUE(one.scores.empty());
}

TEST(JudgeExecutable, BinaryLossReturnsTheScoreOfEverySample) {
  Graph g(4);
  const ValueId z = g.interaction("i", g.dense(2), g.lookup("t", g.rows(1), 3, 2, 1.0f));
  g.binary_cross_entropy(g.linear("head", z, {.out = 1}));
  const Program p = differentiate(g);
  Dataset d;
  d.kind = DataKind::clicks;
  d.samples = 5;
  d.dense_features = 2;
  d.fields = 1;
  d.table_rows = 3;
  d.labels = {0, 1, 0, 1, 1};
  d.dense = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  d.rows = {0, 1, 2, 0, 1};
  Trained run(p, {}, d, d);
  const Evaluation e = run.executable->evaluate();
  ASSERT_EQ(e.scores.size(), 5u);
  EXPECT_EQ(e.rows, 5);
  double loss = 0;
  for (size_t i = 0; i < 5; ++i) loss += std::log1p(std::exp(d.labels[i] ? -e.scores[i] : e.scores[i]));
  EXPECT_NEAR(e.loss, loss / 5, 1e-6);
  EXPECT_EQ(static_cast<float>(run.executable->value(p.logits)[0]), e.scores[4])
      << "the last batch starts at 4";
}

TEST(JudgeExecutable, TextIsEvaluatedWindowByWindowOverItsTokens) {
  Graph g(2);
  g.cross_entropy(g.tied_linear("head", g.embed("e", g.tokens(2), 5, 3, 1.0f), "e"));
  Dataset d;
  d.kind = DataKind::text;
  d.samples = 3;
  d.vocabulary = 5;
  d.window = 2;
  d.tokens = {0, 1, 2, 3, 4, 0, 1};
  Trained run(differentiate(g), {}, d, d);
  EXPECT_EQ(run.executable->evaluate().rows, 6);
}

TEST(JudgeExecutable, RefusesOtherPrecisionsAndOrdersThatEnd) {
  const Program p = small_mlp(8);
  CompileRequest request;  // fp32
  request.program = &p;
  EXPECT_THROW(compile_judge(request), Unsupported);
  Trained run(p, {}, quarters(16, 1), quarters(8, 2));
  EXPECT_THROW(run.executable->step(2, {0.1f, 1}), std::out_of_range);
  EXPECT_THROW(run.executable->reset(std::vector<float>(3)), std::invalid_argument);
}

TEST(JudgeExecutable, IsOneOfTheJudgesKinds) {
  const Kernel kernel = train_judge();
  EXPECT_EQ(kernel.name, memory_by_judge().name);
  TrainTask task;  // fp32
  EXPECT_TRUE(kernel.why_not(task));
  task.precision = Precision::fp64;
  EXPECT_FALSE(kernel.why_not(task));
  EXPECT_EQ(kernel.why_not(Gemm{}), Reason(kNotThisKind));
  EXPECT_THROW(kernel.prepare(TrainTask{}, {}, {}), std::logic_error);
  EXPECT_TRUE(kernel.compile);
}

}  // namespace
}  // namespace breakeven::cpu
