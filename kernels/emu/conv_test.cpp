// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <map>
#include <tuple>

#include "kernels/cuda/context.h"
#include "kernels/cuda/conv_cases.h"
#include "kernels/cuda/cuda.h"
#include "kernels/emu/runtime/seed.h"

// Every contender of convolution, in every precision, executed on the emulated GPU, as ladder_test.cpp does
// with those of GEMM.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kOperandSeed = 42;
constexpr uint64_t kInTurns = 0;                      // in which order the emulator lets threads run
const uint64_t kOtherOrder = 7 + 1000 * emu::seed();  // another for every $BREAKEVEN_EMU_SEED
constexpr double kSmall = 400'000;                    // flops: what is also run in other orders
constexpr size_t kShares = 4;                         // of these, of which each precision takes one

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

Kernel kernel_of(const std::string& name, const ContextPtr& on) {
  for (const Kernel& kernel : kernels(on)) {
    if (kernel.name == name) return kernel;
  }
  throw std::logic_error("no kernel " + name);
}

/// The operands and the answer of a problem, the same for every contender: made once.
struct Question {
  Inputs inputs;
  Expected answer;
};
const Question& question(const Conv2d& conv) {
  static std::map<std::pair<std::string, Precision>, Question> made;
  const auto [at, is_new] = made.try_emplace({conv.name(), conv.precision});
  if (is_new) {
    at->second.inputs = conv.inputs(kOperandSeed);
    at->second.answer = expected(conv, at->second.inputs);
  }
  return at->second;
}

class Convolutions : public testing::TestWithParam<std::tuple<std::string, Precision>> {
 protected:
  void TearDown() override { emu::set_seed(kInTurns); }
  /// f(kernel, conv) for every problem that the contender takes; of the sweep over the library's engines,
  /// which tries each of them on each problem, for the small ones.
  template <class F>
  void each_problem(const F& f) {
    const Kernel kernel = kernel_of(std::get<0>(GetParam()), context());
    for (const Conv2d& conv : convolutions_for(kernel, std::get<1>(GetParam()))) {
      if (kernel.name == "cudnn_best" && conv.work().flops > kSmall) continue;
      SCOPED_TRACE(conv.name());
      f(kernel, conv);
    }
  }
  /// For the small ones of one share: the precisions of a contender see them all together.
  template <class F>
  void each_of_a_share(const F& f) {
    size_t next = static_cast<size_t>(std::get<1>(GetParam()));
    each_problem([&](const Kernel& kernel, const Conv2d& conv) {
      if (conv.work().flops <= kSmall && next++ % kShares == 0) f(kernel, conv);
    });
  }
};

TEST_P(Convolutions, AgreesWithPlainLoops) {
  each_problem([](const Kernel& kernel, const Conv2d& conv) {
    const auto& [inputs, answer] = question(conv);
    const auto job = kernel.prepare(conv, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    EXPECT_TRUE(agrees(job->output(1), answer));
    EXPECT_EQ(static_cast<unsigned char>(job->output(0).data()[0]), kPoisonByte) << "slot 0 was written";
  });
}

TEST_P(Convolutions, DoesNotDependOnTheOrderOfThreads) {
  each_of_a_share([](const Kernel& kernel, const Conv2d& conv) {
    const auto job = kernel.prepare(conv, question(conv).inputs, {.slots = 1});
    job->run(0);
    const Tensor in_turns = job->output(0);
    job->poison();
    emu::set_seed(kOtherOrder + static_cast<uint64_t>(conv.h));
    job->run(0);
    EXPECT_TRUE(same_bits(in_turns, job->output(0)));
    emu::set_seed(kInTurns);
  });
}

TEST_P(Convolutions, IsExactOnIntegers) {
  emu::set_seed(kOtherOrder);
  each_of_a_share([](const Kernel& kernel, const Conv2d& conv) {
    Inputs inputs = conv.inputs(kOperandSeed);
    make_integers(inputs);
    const auto job = kernel.prepare(conv, inputs, {.slots = 1});
    job->poison();
    job->run(0);
    EXPECT_TRUE(equals(job->output(0), expected(conv, inputs)));
  });
}

/// Only pairs that some problem is made for; a journey to the device changes nothing of a kernel.
std::vector<std::tuple<std::string, Precision>> contenders() {
  std::vector<std::tuple<std::string, Precision>> list;
  for (const Kernel& kernel : kernels(nullptr)) {
    for (const Precision precision : all_precisions()) {
      if (kernel.timed == Timed::with_transfer && precision != Precision::fp32) continue;
      if (!convolutions_for(kernel, precision).empty()) list.emplace_back(kernel.name, precision);
    }
  }
  return list;
}

INSTANTIATE_TEST_SUITE_P(Contenders, Convolutions, testing::ValuesIn(contenders()), [](const auto& info) {
  return test_name(kernel_of(std::get<0>(info.param), nullptr), std::get<1>(info.param));
});

TEST(Convolution, EveryContenderHasACase) {
  for (const Kernel& kernel : kernels(nullptr)) {
    if (!kernel.name.starts_with("conv_")) continue;
    EXPECT_TRUE(std::ranges::any_of(contenders(), [&](const auto& c) {
      return std::get<0>(c) == kernel.name;
    })) << kernel.name;
  }
}

}  // namespace
}  // namespace breakeven::cuda
