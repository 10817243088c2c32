// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cstdlib>
#include <tuple>

#include "kernels/cuda/cuda.h"
#include "kernels/emu/train_cases.h"

// A training whose passes are CUDA graphs is, to the bit, one whose passes are launched kernel by kernel; and
// it says which it was.

namespace breakeven::cuda {
namespace {

using train::begun;
using train::Executable;
using train::TrainCase;

/// Asked of the emulator for the length of a scope.
struct Failing {
  explicit Failing(const char* what) { setenv("BREAKEVEN_EMU_FAIL", what, 1); }
  ~Failing() { unsetenv("BREAKEVEN_EMU_FAIL"); }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
};

train::Compile compile_of(const std::string& name) {
  static const auto context = std::make_shared<const Context>(0);
  context->use();
  return (name == "own" ? train_own : train_vendor)(context).compile;
}

struct Trained {
  std::vector<float> losses, gradients, parameters;
  std::vector<double> evaluations;
  bool operator==(const Trained&) const = default;
};

/// Passes of each kind: the first is launched, the second captured, the third a graph from the start. An
/// evaluation has two at least.
Trained trained(Executable& executable, const TrainCase& c) {
  Trained result;
  for (int64_t i = 0; i < 3; ++i) executable.differentiate(i % train::kCaseSteps);
  result.gradients = executable.gradients();
  train::run_steps(executable, c);
  for (int i = 0; i < 2; ++i) result.evaluations.push_back(executable.evaluate().loss);
  result.losses = executable.take_losses();
  result.parameters = executable.parameters();
  return result;
}

bool says(const Executable& executable, const std::string& words) {
  return executable.implementation().find(words) != std::string::npos;
}

using Contender = std::tuple<std::string, Precision>;
class TrainGraphs : public testing::TestWithParam<Contender> {};

TEST_P(TrainGraphs, DoWhatLaunchesDo) {
  const auto& [name, precision] = GetParam();
  for (const TrainCase& c : train::train_cases()) {
    SCOPED_TRACE(c.name);
    const auto graphs = begun(c, compile_of(name), precision, true);
    EXPECT_TRUE(says(*graphs, ", launches"));  // so far
    const Trained by_graphs = trained(*graphs, c);
    EXPECT_TRUE(says(*graphs, ", CUDA graph")) << graphs->implementation();
    const auto launches = begun(c, compile_of(name), precision, false);
    {
      const Failing refused("no_capture");
      EXPECT_TRUE(by_graphs == trained(*launches, c));
    }
    EXPECT_TRUE(says(*launches, ", launches (capture refused: ")) << launches->implementation();
    EXPECT_TRUE(says(*launches, "cannot be captured (asked for by")) << launches->implementation();
  }
}

// fp16 has every kernel that a step can have.
INSTANTIATE_TEST_SUITE_P(Contenders, TrainGraphs,
                         testing::Values(Contender("own", Precision::fp16),
                                         Contender("vendor", Precision::fp16),
                                         Contender("vendor", Precision::fp32)),
                         [](const testing::TestParamInfo<Contender>& info) {
                           return std::get<0>(info.param) + "_" + std::string(name(std::get<1>(info.param)));
                         });

TEST(TrainGraphsRefused, BecomeLaunchesForGood) {
  const TrainCase c = train::mlp_case();
  for (const char* how : {"no_capture:mean_loss", "no_graph"}) {
    SCOPED_TRACE(how);
    const auto executable = begun(c, compile_of("own"), Precision::fp32);
    {
      const Failing refused(how);
      for (int64_t i = 0; i < 2; ++i) executable->step(i, {.rate = c.rate, .number = i + 1});
    }
    const std::string refusal = executable->implementation();
    EXPECT_TRUE(says(*executable, "launches (capture refused: ")) << refusal;
    executable->reset(train::initial_parameters(c.program, 11));
    train::run_steps(*executable, c);
    EXPECT_EQ(executable->implementation(), refusal);
    EXPECT_EQ(executable->take_losses().size(), static_cast<size_t>(train::kCaseSteps));
  }
}

TEST(TrainGraphsRefused, SayThatTheyRanBefore) {
  const TrainCase c = train::mlp_case();
  const auto executable = begun(c, compile_of("own"), Precision::fp32);
  train::run_steps(*executable, c);
  const Failing refused("no_capture");
  executable->evaluate();
  executable->evaluate();
  EXPECT_TRUE(says(*executable, "CUDA graph, then launches (capture refused: "))
      << executable->implementation();
}

TEST(TrainGraphsRefused, ByALibrary) {
  for (const auto& [c, library] : {std::pair{train::mlp_case(), "cublasLtMatmul"},
                                   std::pair{train::images_case(), "cudnnBackendExecute"}}) {
    SCOPED_TRACE(library);
    const auto graphs = begun(c, compile_of("vendor"), Precision::fp32);
    const auto launches = begun(c, compile_of("vendor"), Precision::fp32);
    const Trained wanted = trained(*graphs, c);
    const Failing refused((std::string("no_capture:") + library).c_str());
    EXPECT_TRUE(wanted == trained(*launches, c));
    EXPECT_TRUE(says(*launches, "launches (capture refused: cu")) << launches->implementation();
  }
}

}  // namespace
}  // namespace breakeven::cuda
