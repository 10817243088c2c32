// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv_cases.h"
#include "kernels/cuda/gpu_fixture.h"

// Every contender of convolution, in every precision, on a GPU.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 42;

class GpuConv : public Gpu, public testing::WithParamInterface<std::tuple<std::string, Precision>> {
 protected:
  /// f(kernel, conv) for every problem that the contender takes, and for `more`.
  template <class F>
  void each_problem(const std::vector<const char*>& more, const F& f) {
    const auto& [wanted, precision] = GetParam();
    for (const Kernel& kernel : kernels(context)) {
      if (kernel.name != wanted) continue;
      RecordProperty("kernel", kernel.name);
      RecordProperty("code", kernel.code.size() == 1 ? kernel.code.front().sha256 : "");
      std::vector<Conv2d> list = convolutions_for(kernel, precision);
      for (const char* const text : more) {
        const Conv2d conv = convolution(text, precision);
        if (!kernel.why_not(conv)) list.push_back(conv);
      }
      run(kernel, list, f);
    }
  }

 private:
  template <class F>
  void run(const Kernel& kernel, const std::vector<Conv2d>& list, const F& f) {
    int checked = 0;
    std::string reason = "nothing that this device can";
    for (const Conv2d& conv : list) {
      SCOPED_TRACE(conv.name());
      try {
        f(kernel, conv);
        ++checked;
      } catch (const Unsupported& unsupported) {
        reason = unsupported.what();
      }
    }
    RecordProperty("problems", checked);
    if (checked == 0) GTEST_SKIP() << reason;
  }
};

TEST_P(GpuConv, AgreesWithPlainLoops) {
  double most = 0;  // error over its bound
  each_problem({"fwd-n2c64h20w21k96r3s3u1p1", "bwdd-n2c64h20w21k96r3s3u2p1", "bwdw-n2c64h20w21k96r3s3u1p1"},
               [&](const Kernel& kernel, const Conv2d& conv) {
                 const Inputs inputs = conv.inputs(kSeed);
                 const auto job = kernel.prepare(conv, inputs, {.slots = 3});
                 job->poison();
                 for (const int64_t slot : {0, 2}) job->run(slot);
                 const Tensor first = job->output(0), last = job->output(2), untouched = job->output(1);
                 const Expected right = expected(conv, inputs);
                 EXPECT_TRUE(agrees(last, right));
                 EXPECT_TRUE(same_bits(first, last));
                 EXPECT_EQ(static_cast<unsigned char>(untouched.data()[0]), kPoisonByte)
                     << "slot 1 was written";
                 most = std::max(most, worst(last, right));
               });
  RecordProperty("worst", std::to_string(most));
}

TEST_P(GpuConv, IsExactOnIntegers) {
  each_problem({}, [](const Kernel& kernel, const Conv2d& conv) {
    Inputs inputs = conv.inputs(kSeed);
    make_integers(inputs);
    const auto job = kernel.prepare(conv, inputs, {.slots = 1});
    job->poison();
    job->run(0);
    EXPECT_TRUE(equals(job->output(0), expected(conv, inputs)));
  });
}

// A race between threads shows as results that differ from run to run.
TEST_P(GpuConv, RepeatsBitForBit) {
  constexpr int kRepeats = 100;
  if (std::get<0>(GetParam()).starts_with("cudnn")) GTEST_SKIP() << "not ours";
  each_problem({"bwdw-n2c64h20w21k96r3s3u1p1"}, [](const Kernel& kernel, const Conv2d& conv) {
    const auto job = kernel.prepare(conv, conv.inputs(kSeed), {.slots = 1});
    job->run(0);
    const Tensor once = job->output(0);
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      job->poison();
      job->run(0);
      ASSERT_TRUE(same_bits(once, job->output(0))) << "repeat " << repeat;
    }
  });
  RecordProperty("repeats", kRepeats);
}

std::vector<std::tuple<std::string, Precision>> contenders() {
  std::vector<std::tuple<std::string, Precision>> list;
  for (const Kernel& kernel : kernels(nullptr)) {
    for (const Precision precision : all_precisions()) {
      if (!convolutions_for(kernel, precision).empty()) list.emplace_back(kernel.name, precision);
    }
  }
  return list;
}

std::string case_name(const testing::TestParamInfo<GpuConv::ParamType>& info) {
  return test_name(Kernel{.name = std::get<0>(info.param)}, std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Contenders, GpuConv, testing::ValuesIn(contenders()), case_name);

}  // namespace
}  // namespace breakeven::cuda
