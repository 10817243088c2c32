// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/train_task.h"
#include "kernels/cuda/cuda.h"
#include "kernels/emu/runtime/seed.h"
#include "kernels/emu/train_cases.h"

// Trainings on the emulated GPU: what does not depend on anything, and what happens in fp16. Whether they are
// right is asked where the judge may be seen (harness/cli/emulated_train_test.cpp).

namespace breakeven::cuda {
namespace {

using train::begun;
using train::Executable;
using train::kCaseSteps;
using train::run_steps;
using train::TrainCase;

constexpr uint64_t kInTurns = 0;                       // in which order the emulator lets threads run
const uint64_t kOtherOrder = 13 + 1000 * emu::seed();  // another for every $BREAKEVEN_EMU_SEED

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

struct Trained {
  std::vector<float> losses, gradients, parameters;
  bool operator==(const Trained&) const = default;
};

Trained trained(const TrainCase& c, Precision precision, uint64_t order, bool keep_values) {
  const auto executable = begun(c, train_own(context()).compile, precision, keep_values);
  emu::set_seed(order);
  run_steps(*executable, c);
  Trained result{executable->take_losses(), executable->gradients(), executable->parameters()};
  emu::set_seed(kInTurns);
  return result;
}

class TrainingRepeats : public testing::TestWithParam<Precision> {};

// Nor on whether values share memory: one that is overwritten too early would show.
TEST_P(TrainingRepeats, ToTheBitInAnyOrderOfThreads) {
  for (const TrainCase& c : train::train_cases()) {
    SCOPED_TRACE(c.name);
    const Trained once = trained(c, GetParam(), kInTurns, false);
    ASSERT_EQ(once.losses.size(), static_cast<size_t>(kCaseSteps));
    EXPECT_TRUE(once == trained(c, GetParam(), kOtherOrder, true));
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, TrainingRepeats, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(Training, StartsAnew) {
  const TrainCase c = train::images_case();
  const auto executable = begun(c, train_own(context()).compile, Precision::fp32);
  run_steps(*executable, c);
  const auto losses = executable->take_losses(), parameters = executable->parameters();
  EXPECT_TRUE(executable->take_losses().empty());
  executable->reset(train::initial_parameters(c.program, 11));
  run_steps(*executable, c);
  EXPECT_EQ(executable->take_losses(), losses);
  EXPECT_EQ(executable->parameters(), parameters);
}

TEST(Training, DifferentiatingChangesNothing) {
  const TrainCase c = train::images_case();
  const auto executable = begun(c, train_own(context()).compile, Precision::fp32);
  const auto before = executable->parameters();
  const double loss = executable->evaluate().loss;
  executable->differentiate(0);
  EXPECT_EQ(executable->parameters(), before);
  EXPECT_EQ(executable->evaluate().loss, loss);  // nor the running statistics
  executable->step(0, {.rate = c.rate, .number = 1});
  EXPECT_NE(executable->evaluate().loss, loss);
}

/// Parameters so large that gradients times the first loss scale are beyond fp16.
std::vector<float> large_parameters(const TrainCase& c) {
  std::vector<float> parameters = train::initial_parameters(c.program, 11);
  for (float& p : parameters) p *= 10;
  return parameters;
}

TEST(TrainingInFp16, LeavesOutStepsWhoseGradientsAreNotFinite) {
  const TrainCase c = train::mlp_case();
  const auto executable = begun(c, train_own(context()).compile, Precision::fp16);
  const std::vector<float> start = large_parameters(c);
  executable->reset(start);
  executable->step(0, {.rate = 1e-4f, .number = 1});
  EXPECT_EQ(executable->skipped_steps(), 1);
  EXPECT_EQ(executable->parameters(), start);
  EXPECT_TRUE(std::isfinite(executable->take_losses().at(0)));
}

TEST(TrainingInFp16, HalvesTheScaleUntilTheyAre) {
  const TrainCase c = train::mlp_case();
  const auto executable = begun(c, train_own(context()).compile, Precision::fp16);
  const std::vector<float> start = large_parameters(c);
  executable->reset(start);
  int64_t steps = 0;
  while (executable->parameters() == start && steps < 12)
    executable->step(0, {.rate = 1e-4f, .number = ++steps});
  EXPECT_GT(steps, 1);
  EXPECT_LT(steps, 12);
  EXPECT_EQ(executable->skipped_steps(), steps - 1);
  const std::vector<float> gradients = executable->gradients();
  EXPECT_TRUE(std::ranges::all_of(gradients, [](float g) { return std::isfinite(g); }));
}

TEST(TrainingInFp16, GradientsAreWithoutTheScale) {
  const TrainCase c = train::mlp_case();
  const auto narrow = begun(c, train_own(context()).compile, Precision::fp16);
  const auto wide = begun(c, train_own(context()).compile, Precision::fp32);
  narrow->differentiate(0);
  wide->differentiate(0);
  const auto largest = [](const std::vector<float>& of) { return std::ranges::max(of); };
  EXPECT_NEAR(largest(narrow->gradients()), largest(wide->gradients()), 0.02f * largest(wide->gradients()));
}

TEST(TrainKernels, SayWhatTheyCannot) {
  for (const Kernel& kernel : {train_own(nullptr), train_vendor(nullptr)}) {
    TrainTask task;
    for (const Precision known : {Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp16}) {
      task.precision = known;
      EXPECT_FALSE(kernel.why_not(task)) << name(known);
    }
    task.precision = Precision::fp64;
    EXPECT_NE(kernel.why_not(task).value_or("").find("fp32, tf32, bf16 or fp16, not in fp64"),
              std::string::npos);
    EXPECT_EQ(kernel.why_not(Gemm{.m = 1, .n = 1, .k = 1}), std::string(kNotThisKind));
    EXPECT_THROW(kernel.compile({}), Unsupported);
  }
}

}  // namespace
}  // namespace breakeven::cuda
