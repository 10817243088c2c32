// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/train/example_nets.h"
#include "cpu_ref/train/judge_executable.h"
#include "harness/train/initial.h"
#include "harness/train/workload.h"

namespace breakeven::cpu {
namespace {

using train::Executable;
using train::OptimizerKind;

struct Net {
  std::string name;
  train::Program program;
  train::Dataset train, test;
  train::Optimizer optimizer;
  train::Augmentation augmentation;
};

// Odd shapes; test sets that are no multiple of the batch.
std::vector<Net> nets() {
  const example::Gpt language{.layers = 2, .width = 24, .heads = 3, .context = 11, .vocabulary = 37};
  const example::Dlrm ads{.dense = 5, .fields = 3, .table_rows = 50, .width = 8, .bottom = 12, .top = 10};
  std::vector<Net> made;
  made.push_back({"mlp",
                  differentiate(example::mlp(6, 9, 23)),
                  example::images(40, 9, 1, 1),
                  example::images(15, 9, 1, 9),
                  {.decay = 5e-4f},
                  {}});
  made.push_back({"resnet9",
                  differentiate(example::resnet9(5, 4)),
                  example::images(20, 32, 3, 2),
                  example::images(7, 32, 3, 9),
                  {.decay = 5e-4f},
                  {.shift = 2, .flip = true}});
  made.push_back({"gpt",
                  differentiate(example::gpt(4, language)),
                  example::text(400, language, 3),
                  example::text(90, language, 9),
                  {.kind = OptimizerKind::adamw, .decay = 0.1f, .clip = 0.5f},
                  {}});
  made.push_back({"dlrm",
                  differentiate(example::dlrm(33, ads)),
                  example::clicks(200, ads, 4),
                  example::clicks(50, ads, 9),
                  {.kind = OptimizerKind::adagrad},
                  {}});
  return made;
}

std::vector<Kernel> contenders() {
  return {
#if BREAKEVEN_OPENBLAS
    train_openblas(),
#endif
#if BREAKEVEN_ONEDNN
        train_onednn(),
#if defined(__x86_64__)
        train_amx(),
#endif
#endif
  };
}

std::vector<uint32_t> order_of(const Net& net) {
  std::vector<uint32_t> order(static_cast<size_t>(3 * net.program.batch));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint32_t>(7 * i % 20);
  return order;
}

using Make = std::function<std::unique_ptr<Executable>(const train::CompileRequest&)>;

/// Null where the contender cannot.
std::unique_ptr<Executable> ready(const Net& net, const Make& compile, Precision precision,
                                  bool keep_values = false) {
  try {
    auto made = compile({.program = &net.program,
                         .precision = precision,
                         .optimizer = net.optimizer,
                         .augmentation = net.augmentation,
                         .threads = omp_get_max_threads(),
                         .keep_values = keep_values});
    made->upload(net.train, net.test);
    made->reset(train::initial_parameters(net.program, 5));
    made->begin({order_of(net), 11, 2});
    return made;
  } catch (const Unsupported& e) {
    EXPECT_STRNE(e.what(), "");
    return nullptr;
  }
}

struct Distance {
  double relative, one_minus_cosine;
};
Distance distance(const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0, dot = 0, a = 0, b = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double x = got[i], y = expected[i];
    difference += (x - y) * (x - y);
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return {std::sqrt(difference / b), 1 - dot / std::sqrt(a * b)};
}

double relative(double got, double expected) { return std::abs(got - expected) / std::abs(expected); }

class Training : public testing::TestWithParam<size_t> {
 protected:
  const Net net_ = nets()[GetParam()];
};

TEST_P(Training, LossAndGradientsAgreeWithTheJudge) {
  const auto judge = ready(net_, compile_judge, Precision::fp64, true);
  judge->differentiate(1);
  const double loss = judge->take_losses().at(0);
  for (const Kernel& contender : contenders()) {
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      const auto mine = ready(net_, contender.compile, precision);
      if (!mine) continue;
      const std::string who =
          contender.name + " " + std::string(name(precision)) + " " + mine->implementation();
      mine->differentiate(1);
      const bool narrow = precision == Precision::bf16;
      EXPECT_LE(relative(mine->take_losses().at(0), loss), narrow ? 3e-3 : 1e-6) << who;
      const Distance d = distance(mine->gradients(), judge->gradients());
      EXPECT_LE(narrow ? d.one_minus_cosine : d.relative, narrow ? 0.1 : 1e-4) << who;
    }
  }
}

TEST_P(Training, ThreeStepsAndAnEvaluationAgreeWithTheJudge) {
  const auto judge = ready(net_, compile_judge, Precision::fp64, true);
  for (const Kernel& contender : contenders()) {
    const auto mine = ready(net_, contender.compile, Precision::fp32);
    if (!mine) continue;
    judge->reset(train::initial_parameters(net_.program, 5));
    for (Executable* each : {judge.get(), mine.get()}) {
      for (int64_t i = 0; i < 3; ++i) each->step(i, {.rate = 0.01f, .number = i + 1});
    }
    const std::vector<float> expected = judge->take_losses(), got = mine->take_losses();
    ASSERT_EQ(got.size(), 3u);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_LE(relative(got[i], expected[i]), 1e-4) << contender.name << " step " << i;
    EXPECT_LE(distance(mine->parameters(), judge->parameters()).relative, 1e-3) << contender.name;
    const train::Evaluation e = judge->evaluate(), m = mine->evaluate();
    EXPECT_EQ(m.rows, e.rows);
    EXPECT_LE(relative(m.loss, e.loss), 1e-3) << contender.name;
    EXPECT_NEAR(static_cast<double>(m.correct), static_cast<double>(e.correct), 1) << contender.name;
    ASSERT_EQ(m.scores.size(), e.scores.size());
    for (size_t i = 0; i < e.scores.size(); ++i) EXPECT_NEAR(m.scores[i], e.scores[i], 1e-3);
  }
}

/// All that comes out of two steps and an evaluation.
struct Outcome {
  std::vector<float> losses, parameters;
  double loss;
  bool operator==(const Outcome&) const = default;
};
Outcome outcome(Executable& executable) {
  for (int64_t i = 0; i < 2; ++i) executable.step(i, {.rate = 0.01f, .number = i + 1});
  const double loss = executable.evaluate().loss;
  return {executable.take_losses(), executable.parameters(), loss};
}

TEST_P(Training, RepeatsToTheBitHoweverMemoryIsShared) {
  for (const Kernel& contender : contenders()) {
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      const auto first = ready(net_, contender.compile, precision);
      if (!first) continue;
      const auto second = ready(net_, contender.compile, precision);
      const auto apart = ready(net_, contender.compile, precision, true);
      const Outcome expected = outcome(*first), kept = outcome(*apart);
      EXPECT_TRUE(outcome(*second) == expected) << contender.name;
      // Normalization and pooling in one sum gradients in another order.
      const bool pooled = net_.name == "resnet9";
      EXPECT_TRUE(kept == expected || pooled) << contender.name << " with all values kept";
      EXPECT_LE(distance(kept.parameters, expected.parameters).relative,
                precision == Precision::bf16 ? 1e-2 : 1e-5);
      first->reset(train::initial_parameters(net_.program, 5));
      first->begin({order_of(net_), 11, 2});
      EXPECT_TRUE(outcome(*first) == expected) << contender.name << " started anew";
      EXPECT_GE(apart->memory_bytes(), first->memory_bytes()) << contender.name;
    }
  }
}

TEST_P(Training, DifferentiatingChangesNothing) {
  for (const Kernel& contender : contenders()) {
    const auto mine = ready(net_, contender.compile, Precision::fp32);
    if (!mine) continue;
    const Outcome expected = outcome(*mine);
    mine->reset(train::initial_parameters(net_.program, 5));
    mine->differentiate(2);
    EXPECT_EQ(mine->parameters(), train::initial_parameters(net_.program, 5));
    mine->take_losses();
    EXPECT_TRUE(outcome(*mine) == expected) << contender.name;
  }
}

TEST_P(Training, KeptValuesAreTheJudges) {
  const auto judge = ready(net_, compile_judge, Precision::fp64, true);
  judge->differentiate(0);
  for (const Kernel& contender : contenders()) {
    const auto mine = ready(net_, contender.compile, Precision::fp32, true);
    if (!mine) continue;
    mine->differentiate(0);
    const std::vector<double> got = mine->value(net_.program.logits),
                              expected = judge->value(net_.program.logits);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-4) << contender.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, Training, testing::Range(size_t{0}, nets().size()),
                         [](const auto& which) { return nets()[which.param].name; });

TEST(CpuExecutable, TellsTimeByClassOfOperation) {
  if (contenders().empty()) GTEST_SKIP() << "this build has no library that multiplies";
  const Net net = nets()[1];
  const auto mine = ready(net, contenders().front().compile, Precision::fp32);
  mine->step(0, {.rate = 0.01f});
  mine->evaluate();
  for (const char* wanted :
       {"conv forward", "conv backward weights", "norm", "data", "optimizer", "evaluation"}) {
    const auto times = mine->operation_times();
    const auto found = std::ranges::find(times, wanted, &train::OperationTime::name);
    ASSERT_NE(found, times.end()) << wanted;
    EXPECT_GT(found->seconds, 0) << wanted;
  }
}

TEST(CpuExecutable, RefusesSamplesThatAreNotThere) {
  if (contenders().empty()) GTEST_SKIP() << "this build has no library that multiplies";
  const Net net = nets()[0];
  const auto mine = ready(net, contenders().front().compile, Precision::fp32);
  const std::vector<uint32_t> beyond(6, 40);
  EXPECT_THROW(mine->begin({beyond, 1, 1}), std::invalid_argument);
  EXPECT_THROW(mine->step(3, {.rate = 0.01f}), std::invalid_argument);
}

TEST(CpuExecutable, SaysWhyAPrecisionIsNone) {
  const Net net = nets()[0];
  const auto workload = std::make_shared<train::Workload>();
  for (const Kernel& contender : contenders()) {
    for (const Precision precision : {Precision::tf32, Precision::fp16, Precision::int8}) {
      const Reason reason = contender.why_not(TrainTask{workload, 0, precision});
      ASSERT_TRUE(reason.has_value()) << contender.name;
      EXPECT_NE(*reason, kNotThisKind);
      train::CompileRequest request;
      request.program = &net.program;
      request.precision = precision;
      EXPECT_THROW(contender.compile(request), Unsupported);
    }
    const Precision own = contender.name == "amx" ? Precision::bf16 : Precision::fp32;
    EXPECT_EQ(contender.why_not(TrainTask{workload, 0, own}).has_value(),
              own == Precision::bf16 && !has(Feature::amx_bf16));
    EXPECT_EQ(contender.why_not(Gemm{}), Reason(kNotThisKind));
  }
}

}  // namespace
}  // namespace breakeven::cpu
