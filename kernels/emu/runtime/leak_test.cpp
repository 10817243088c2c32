// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// A contender gives back what it took: every one of them on the emulated GPU, prepared, run and gone; a
// training likewise, whether its passes are graphs or their capture is refused halfway.

#include "kernels/cuda/cuda.h"
#include "kernels/emu/runtime/device_fixture.h"
#include "kernels/emu/train_cases.h"

namespace breakeven::emu {
namespace {

using Leaks = Device;

TEST_F(Leaks, NoContenderLeavesAnythingBehind) {
  const auto context = std::make_shared<const cuda::Context>(0);
  const std::vector<std::string> before = leaks();  // the context's stream
  int prepared = 0;
  for (const Kernel& kernel : cuda::kernels(context)) {
    for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
      const Gemm problem{.m = 3, .n = 24, .k = 32, .precision = precision};
      if (kernel.why_not(problem)) continue;
      {
        const auto job = kernel.prepare(problem, problem.inputs(1), {.slots = 2});
        job->run(1);
        job->output(1);
      }
      EXPECT_EQ(leaks(), before) << kernel.name << " in " << name(precision);
      ++prepared;
    }
  }
  EXPECT_GT(prepared, 20);
}

TEST_F(Leaks, NoTrainingLeavesAnythingBehind) {
  const auto context = std::make_shared<const cuda::Context>(0);
  const train::TrainCase c = train::images_case();
  const auto train_and_go = [&](const Kernel& kernel) {
    const auto executable = train::begun(c, kernel.compile, Precision::bf16);
    train::run_steps(*executable, c);
  };
  train_and_go(cuda::train_vendor(context));  // what a library keeps for good
  const std::vector<std::string> before = leaks();
  for (const char* failure :
       {"", "no_capture:product", "no_capture:cudnn", "no_capture:mean_loss", "no_graph"}) {
    setenv("BREAKEVEN_EMU_FAIL", failure, 1);
    train_and_go(cuda::train_own(context));
    train_and_go(cuda::train_vendor(context));
    unsetenv("BREAKEVEN_EMU_FAIL");
    EXPECT_EQ(leaks(), before) << failure;
  }
}

}  // namespace
}  // namespace breakeven::emu
