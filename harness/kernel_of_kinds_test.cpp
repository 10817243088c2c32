// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/kernel_of_kinds.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

const Problem kGemm = Gemm{.m = 2, .n = 3, .k = 4};
const Problem kConv = Conv2d{.n = 1, .c = 2, .h = 3, .w = 4, .k = 5, .r = 1, .s = 1};
const Problem kTransfer = Transfer{};

template <class P>
Kernel kernel_for(double rate, int64_t scratch) {
  Kernel made;
  made.name = "twin";
  made.summary = rate > 1 ? "fast" : "slow";
  made.why_not = [](const Problem& problem) {
    const P* mine = std::get_if<P>(&problem);
    if (!mine) return Reason(kNotThisKind);
    return mine->precision == Precision::int8 ? Reason("no int8") : Reason();
  };
  made.prepare = [rate](const Problem&, const Inputs&, const Placement&) -> std::unique_ptr<Job> {
    throw Unsupported("asked the one with rate " + std::to_string(static_cast<int>(rate)));
  };
  made.typical_rate = rate;
  if (scratch > 0) made.scratch_bytes = [scratch](const Problem&) { return scratch; };
  return made;
}

std::string asked(const Kernel& kernel, const Problem& problem) {
  try {
    kernel.prepare(problem, Inputs{}, Placement{});
  } catch (const Unsupported& e) {
    return e.what();
  }
  return "";
}

TEST(KernelOfKinds, EachQuestionGoesToTheOneThatAnswersItsKind) {
  const Kernel both = one_of({kernel_for<Gemm>(1, 0), kernel_for<Conv2d>(2, 64)});
  EXPECT_EQ(both.name, "twin");
  EXPECT_EQ(both.summary, "slow; fast");
  EXPECT_EQ(both.why_not(kGemm), std::nullopt);
  EXPECT_EQ(both.why_not(kConv), std::nullopt);
  EXPECT_EQ(both.why_not(Conv2d{.precision = Precision::int8}), "no int8");
  EXPECT_EQ(asked(both, kGemm), "asked the one with rate 1");
  EXPECT_EQ(asked(both, kConv), "asked the one with rate 2");
  EXPECT_EQ(both.scratch_bytes(kGemm), 0);
  EXPECT_EQ(both.scratch_bytes(kConv), 64);
  EXPECT_EQ(typical_rate(both, kGemm), 1);
  EXPECT_EQ(typical_rate(both, kConv), 2);
}

TEST(KernelOfKinds, AKindThatNoneAnswers) {
  const Kernel both = one_of({kernel_for<Gemm>(1, 8), kernel_for<Conv2d>(2, 64)});
  EXPECT_FALSE(answers_kind(both, kTransfer));
  EXPECT_TRUE(answers_kind(both, Conv2d{.precision = Precision::int8}));
  EXPECT_EQ(asked(both, kTransfer), std::string(kNotThisKind));
  EXPECT_EQ(both.scratch_bytes(kTransfer), 0);
  EXPECT_EQ(typical_rate(both, kTransfer), 0);
}

TEST(KernelOfKinds, ThreeKindsOneInsideTheOther) {
  const Kernel two = one_of({kernel_for<Gemm>(1, 0), kernel_for<Conv2d>(2, 0)});
  const Kernel three = one_of({two, kernel_for<Transfer>(3, 0)});
  EXPECT_EQ(typical_rate(three, kGemm), 1);
  EXPECT_EQ(typical_rate(three, kTransfer), 3);
  EXPECT_EQ(asked(three, kConv), "asked the one with rate 2");
}

TEST(KernelOfKinds, RefusesKernelsThatDisagree) {
  Kernel other = kernel_for<Conv2d>(2, 0);
  other.clock = Clock::host;
  EXPECT_THROW(one_of({kernel_for<Gemm>(1, 0), other}), std::logic_error);
  other = kernel_for<Conv2d>(2, 0);
  other.name = "brother";
  EXPECT_THROW(one_of({kernel_for<Gemm>(1, 0), other}), std::logic_error);
  other = kernel_for<Conv2d>(2, 0);
  other.source = "kernels/cuda/x.cu";
  EXPECT_THROW(one_of({kernel_for<Gemm>(1, 0), other}), std::logic_error);
  EXPECT_THROW(one_of({}), std::logic_error);
}

}  // namespace
}  // namespace breakeven
