// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// A whole training on the emulated GPU against the judge: the loss and every gradient of the first step,
// values, then a few steps and an evaluation; every kind of model, both backends, every precision.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include "cpu_ref/train/judge_executable.h"
#include "cpu_ref/train/judge_operations.h"
#include "harness/train/operation_check.h"
#include "kernels/cuda/cuda.h"
#include "kernels/emu/train_cases.h"

namespace breakeven::train {
namespace {

/// How far a precision may be from the judge: relative for losses; gradients by the relative distance of
/// vectors or, where single decisions flip, by 1 - cosine.
struct Gate {
  double loss, distance, angle, later;
};
Gate gate(Precision precision, const TrainCase& c) {
  switch (precision) {
    case Precision::fp32:
      return {1e-6, 1e-4, 1e-8, 2e-5};
    case Precision::tf32:
      // Where a channel has a few windows only, one whose largest is another weighs.
      if (c.name == "images") return {1e-3, 0.2, 0.02, 2e-2};
      return {1e-3, 2e-2, 1e-3, 2e-2};
    default:
      return {3e-3, 1, 0.1, 2e-2};
  }
}

struct Judged {
  float loss = 0;
  std::vector<float> gradients, losses, parameters;
  Evaluation evaluation;
};

Judged run(Executable& executable, const TrainCase& c) {
  Judged result;
  executable.differentiate(0);
  result.loss = executable.take_losses().at(0);
  result.gradients = executable.gradients();
  run_steps(executable, c);
  result.losses = executable.take_losses();
  result.parameters = executable.parameters();
  result.evaluation = executable.evaluate();
  return result;
}

const Judged& judged(const TrainCase& c) {
  static std::map<std::string, Judged> known;
  const auto [at, is_new] = known.try_emplace(c.name);
  if (is_new) at->second = run(*begun(c, cpu::compile_judge, Precision::fp64), c);
  return at->second;
}

Compile compile_on_gpu(const std::string& name) {
  static const auto context = std::make_shared<const cuda::Context>(0);
  return (name == "own" ? cuda::train_own : cuda::train_vendor)(context).compile;
}

void expect_gradients(const TrainCase& c, const std::vector<float>& got, const std::vector<float>& wanted,
                      const Gate& gate) {
  for (const Parameter& p : c.program.parameters) {
    double apart = 0, dot = 0, of_got = 0, of_wanted = 0;
    for (int64_t i = p.offset; i < p.offset + p.size; ++i) {
      const double a = got[static_cast<size_t>(i)], b = wanted[static_cast<size_t>(i)];
      apart += (a - b) * (a - b);
      dot += a * b;
      of_got += a * a;
      of_wanted += b * b;
    }
    EXPECT_GT(of_wanted, 0) << p.name << " gets no gradient";
    EXPECT_LE(std::sqrt(apart / of_wanted), gate.distance) << p.name;
    EXPECT_LE(1 - dot / std::sqrt(of_got * of_wanted), gate.angle) << p.name;
  }
}

double relative(double a, double b) { return std::abs(a - b) / std::abs(b); }

using Contender = std::tuple<std::string, Precision>;
class EmulatedTraining : public testing::TestWithParam<Contender> {};

TEST_P(EmulatedTraining, AgreesWithTheJudge) {
  const auto& [name, precision] = GetParam();
  for (const TrainCase& c : train_cases()) {
    SCOPED_TRACE(c.name);
    const Gate allowed = gate(precision, c);
    const Judged& wanted = judged(c);
    const Judged got = run(*begun(c, compile_on_gpu(name), precision), c);
    EXPECT_LE(relative(got.loss, wanted.loss), allowed.loss) << got.loss << " " << wanted.loss;
    expect_gradients(c, got.gradients, wanted.gradients, allowed);
    ASSERT_EQ(got.losses.size(), wanted.losses.size());
    for (size_t i = 0; i < got.losses.size(); ++i)
      EXPECT_LE(relative(got.losses[i], wanted.losses[i]), allowed.later) << "step " << i;
    EXPECT_EQ(got.evaluation.rows, wanted.evaluation.rows);
    EXPECT_LE(relative(got.evaluation.loss, wanted.evaluation.loss), allowed.later);
    if (precision == Precision::fp32) {
      EXPECT_EQ(got.evaluation.correct, wanted.evaluation.correct);
    }
    ASSERT_EQ(got.evaluation.scores.size(), wanted.evaluation.scores.size());
    for (size_t i = 0; i < got.evaluation.scores.size(); ++i)
      EXPECT_NEAR(got.evaluation.scores[i], wanted.evaluation.scores[i], 20 * allowed.later);
  }
}

// Where cuDNN has no engine that leaves gradients of filters in fp32.
TEST(EmulatedTrainingByCudnn, WidensGradientsThatTheLibraryRounds) {
  const TrainCase c = images_case();
  setenv("BREAKEVEN_EMU_FAIL", "no_wide_gradients", 1);
  const auto executable = begun(c, compile_on_gpu("vendor"), Precision::bf16);
  unsetenv("BREAKEVEN_EMU_FAIL");
  executable->differentiate(0);
  expect_gradients(c, executable->gradients(), judged(c).gradients, gate(Precision::bf16, c));
}

// Where passes are CUDA graphs (emu/train_graph_test.cpp) and where they cannot be.
TEST(EmulatedTrainingByLaunches, IsTheSameTraining) {
  for (const TrainCase& c : train_cases()) {
    SCOPED_TRACE(c.name);
    const auto graphs = begun(c, compile_on_gpu("vendor"), Precision::bf16);
    const auto launches = begun(c, compile_on_gpu("vendor"), Precision::bf16);
    const Judged wanted = run(*graphs, c);
    setenv("BREAKEVEN_EMU_FAIL", "no_capture", 1);
    const Judged got = run(*launches, c);
    unsetenv("BREAKEVEN_EMU_FAIL");
    EXPECT_TRUE(graphs->implementation().ends_with(", CUDA graph")) << graphs->implementation();
    EXPECT_NE(launches->implementation().find("launches (capture refused: "), std::string::npos);
    EXPECT_EQ(got.losses, wanted.losses);
    EXPECT_EQ(got.gradients, wanted.gradients);
    EXPECT_EQ(got.parameters, wanted.parameters);
    EXPECT_EQ(got.evaluation.loss, wanted.evaluation.loss);
    EXPECT_EQ(got.evaluation.scores, wanted.evaluation.scores);
  }
}

TEST_P(EmulatedTraining, DoesEveryOperationRight) {
  const auto& [name, precision] = GetParam();
  for (const TrainCase& c : train_cases()) {
    const auto executable = begun(c, compile_on_gpu(name), precision, true);
    executable->differentiate(0);
    const GateResult found = check_operations(c.program, precision, *executable,
                                              initial_parameters(c.program, 11), cpu::judge_operation);
    EXPECT_EQ(found.verdict, Verdict::ok)
        << c.name << ": " << found.error << " of " << found.bound << ", " << found.where;
  }
}

// Every value of every operation, so that a fault is told by its place.
TEST(EmulatedTrainingValues, AreThoseOfTheJudge) {
  for (const TrainCase& c : train_cases()) {
    SCOPED_TRACE(c.name);
    const auto judge = begun(c, cpu::compile_judge, Precision::fp64, true);
    const auto gpu = begun(c, compile_on_gpu("own"), Precision::fp32, true);
    judge->differentiate(0);
    gpu->differentiate(0);
    for (size_t id = 0; id < c.program.values.size(); ++id) {
      const std::vector<double> wanted = judge->value(static_cast<ValueId>(id));
      const std::vector<double> got = gpu->value(static_cast<ValueId>(id));
      if (wanted.empty()) continue;
      ASSERT_EQ(got.size(), wanted.size()) << c.program.values[id].name;
      double largest = 0, apart = 0;
      for (size_t i = 0; i < got.size(); ++i) {
        largest = std::max(largest, std::abs(wanted[i]));
        apart = std::max(apart, std::abs(got[i] - wanted[i]));
      }
      EXPECT_LE(apart, 1e-4 * largest + 1e-7) << c.program.values[id].name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Contenders, EmulatedTraining,
                         testing::Combine(testing::Values("own", "vendor"),
                                          testing::Values(Precision::fp32, Precision::tf32, Precision::bf16,
                                                          Precision::fp16)),
                         [](const testing::TestParamInfo<Contender>& info) {
                           return std::get<0>(info.param) + "_" + std::string(name(std::get<1>(info.param)));
                         });

}  // namespace
}  // namespace breakeven::train
