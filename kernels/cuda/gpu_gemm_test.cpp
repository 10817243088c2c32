// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "kernels/cuda/gemm_cases.h"
#include "kernels/cuda/gpu_fixture.h"

// Every contender, in every precision, on a GPU. What a test records of itself (GoogleTest's properties) is
// what scripts/gpu_attest.py makes the attestation of.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 42;

/// Contenders whose code is ours.
bool own(const Kernel& kernel) {
  return !kernel.name.starts_with("cublaslt") && kernel.timed == Timed::kernel;
}

/// Those of the emulator for every contender, and some that are too much for it.
std::vector<Gemm> shapes() {
  std::vector<Gemm> list = ragged_shapes();
  for (const Gemm& narrow : narrow_shapes()) list.push_back(narrow);
  list.push_back({.m = 300, .n = 200, .k = 176});
  list.push_back({.m = 256, .n = 384, .k = 512});
  list.push_back({.m = 1031, .n = 2056, .k = 24});  // more tiles than multiprocessors
  return list;
}

class GpuGemm : public Gpu, public testing::WithParamInterface<std::tuple<int, Precision>> {
 protected:
  /// f(kernel, gemm) for every shape that the contender takes.
  template <class F>
  void each_shape(const std::vector<Gemm>& of, const F& f) {
    const Kernel kernel = kernels(context)[static_cast<size_t>(std::get<0>(GetParam()))];
    int checked = 0;
    std::string reason = "nothing to check";
    RecordProperty("kernel", kernel.name);
    RecordProperty("code", kernel.code.size() == 1 ? kernel.code.front().sha256 : "");
    for (Gemm gemm : of) {
      gemm.precision = std::get<1>(GetParam());
      if (const Reason why = kernel.why_not(gemm)) {
        reason = *why;
        continue;
      }
      SCOPED_TRACE(gemm.name());
      try {
        f(kernel, gemm);
        ++checked;
      } catch (const Unsupported& unsupported) {
        reason = unsupported.what();
      }
    }
    RecordProperty("problems", checked);
    if (checked == 0) GTEST_SKIP() << reason;
  }
};

TEST_P(GpuGemm, AgreesWithPlainLoops) {
  double most = 0;  // error over its bound
  each_shape(shapes(), [&](const Kernel& kernel, const Gemm& gemm) {
    const Inputs inputs = gemm.inputs(kSeed);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 3});
    job->poison();
    for (const int64_t slot : {0, 2}) job->run(slot);
    const Tensor first = job->output(0), last = job->output(2), untouched = job->output(1);
    const Expected right = expected(gemm, inputs);
    EXPECT_TRUE(agrees(last, right));
    EXPECT_TRUE(same_bits(first, last));
    EXPECT_EQ(static_cast<unsigned char>(untouched.data()[0]), kPoisonByte) << "slot 1 was written";
    most = std::max(most, worst(last, right));
  });
  RecordProperty("worst", std::to_string(most));
}

TEST_P(GpuGemm, IsExactOnIntegers) {
  each_shape(shapes(), [](const Kernel& kernel, const Gemm& gemm) {
    Inputs inputs = gemm.inputs(kSeed);
    make_integers(inputs);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
    job->poison();
    job->run(0);
    EXPECT_TRUE(equals(job->output(0), expected(gemm, inputs)));
  });
}

std::string case_name(const testing::TestParamInfo<GpuGemm::ParamType>& info) {
  return test_name(kernels(nullptr)[static_cast<size_t>(std::get<0>(info.param))], std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Contenders, GpuGemm,
                         testing::Combine(testing::Range(0, static_cast<int>(kernels(nullptr).size())),
                                          testing::Values(Precision::fp64, Precision::fp32, Precision::tf32,
                                                          Precision::bf16, Precision::fp16,
                                                          Precision::fp8e4m3, Precision::int8)),
                         case_name);

/// One of each kind of contender: ragged tiles, few rows, more rows, many small ones.
std::vector<Gemm> shapes_to_repeat() {
  return {{.m = 517, .n = 392, .k = 272},
          {.m = 3, .n = 2000, .k = 1504},
          {.m = 48, .n = 1000, .k = 1504},
          {.batch = 300, .m = 96, .n = 80, .k = 112}};
}

// A race between threads shows as results that differ from run to run.
TEST_P(GpuGemm, RepeatsBitForBit) {
  constexpr int kRepeats = 300;
  if (!own(kernels(nullptr)[static_cast<size_t>(std::get<0>(GetParam()))])) GTEST_SKIP() << "not ours";
  each_shape(shapes_to_repeat(), [](const Kernel& kernel, const Gemm& gemm) {
    const Inputs inputs = gemm.inputs(kSeed);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
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

TEST_F(Gpu, NaNInReluIsNotHidden) {
  Gemm gemm{.m = 1, .n = 1, .k = 1, .epilogue = Epilogue::bias_relu};
  Inputs inputs = gemm.inputs(kSeed);
  inputs.operands[0].as<float>()[0] = std::nanf("");
  for (const Kernel& kernel : kernels(context)) {
    if (!own(kernel) || kernel.why_not(gemm)) continue;
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
    job->run(0);
    EXPECT_TRUE(std::isnan(job->output(0).at(0))) << kernel.name;
  }
}

}  // namespace
}  // namespace breakeven::cuda
