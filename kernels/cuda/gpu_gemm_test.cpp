// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <cstring>

#include "kernels/cuda/gpu_fixture.h"

// Every contender, in every precision, on ragged shapes, against plain loops in double that stand here: the
// check shares nothing with what it checks but the operands.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 42;

std::vector<Gemm> shapes() {
  return {{.m = 1, .n = 1, .k = 1},
          {.m = 1, .n = 5, .k = 7},
          {.m = 33, .n = 17, .k = 65},
          {.m = 127, .n = 129, .k = 131},
          {.m = 300, .n = 200, .k = 176},
          {.m = 70, .n = 90, .k = 1},
          {.m = 128, .n = 128, .k = 8},
          {.m = 256, .n = 384, .k = 512},
          {.batch = 3, .m = 65, .n = 40, .k = 48},
          {.m = 100, .n = 72, .k = 64, .epilogue = Epilogue::bias_relu},
          {.batch = 3, .m = 33, .n = 17, .k = 65, .epilogue = Epilogue::bias_relu}};
}

/// C and, per element, how far a sum in the accumulator's precision may be from it.
struct Expected {
  std::vector<double> value, bound;
};

Expected expected(const Gemm& g, const Inputs& inputs) {
  const PrecisionFacts& f = facts(g.precision);
  std::vector<double> a(static_cast<size_t>(inputs.operands[0].size())),
      b(static_cast<size_t>(inputs.operands[1].size()));
  inputs.operands[0].decode(0, 1, a);
  inputs.operands[1].decode(0, 1, b);
  const double below_normal = f.output == Element::fp16 ? 0x1p-24 : 0;  // fp16 thins out below 6e-5
  Expected e;
  for (int64_t row = 0; row < g.batch * g.m; ++row) {
    for (int64_t column = 0; column < g.n; ++column) {
      long double sum = 0, magnitude = 0;
      for (int64_t i = 0; i < g.k; ++i) {
        const long double product = static_cast<long double>(a[static_cast<size_t>(row * g.k + i)]) *
                                    b[static_cast<size_t>((row / g.m * g.k + i) * g.n + column)];
        sum += product;
        magnitude += std::abs(product);
      }
      if (g.epilogue == Epilogue::bias_relu) {
        const double bias = inputs.operands[2].at(column);
        sum += bias;
        magnitude += std::abs(bias);
        if (sum < 0) sum = 0;
      }
      e.value.push_back(static_cast<double>(sum));
      e.bound.push_back(
          static_cast<double>(below_normal + f.output_roundoff * std::abs(sum) +
                              static_cast<double>(g.k + 1) * f.accumulate_roundoff * magnitude));
    }
  }
  return e;
}

/// Elements of `got` outside their bounds; NaN counts.
int64_t wrong_elements(const Tensor& got, const Expected& e, std::string* first) {
  int64_t wrong = 0;
  for (int64_t i = 0; i < got.size(); ++i) {
    const double value = got.at(i), want = e.value[static_cast<size_t>(i)];
    if (std::abs(value - want) <= e.bound[static_cast<size_t>(i)] * 1.01) continue;
    if (wrong++ == 0)
      *first =
          "element " + std::to_string(i) + ": " + std::to_string(value) + ", not " + std::to_string(want);
  }
  return wrong;
}

class GpuGemm : public Gpu, public testing::WithParamInterface<std::tuple<int, Precision>> {};

TEST_P(GpuGemm, AgreesWithPlainLoops) {
  const Kernel kernel = kernels(context)[static_cast<size_t>(std::get<0>(GetParam()))];
  int checked = 0;
  std::string reason = "nothing to check";
  for (Gemm gemm : shapes()) {
    gemm.precision = std::get<1>(GetParam());
    if (const Reason why = kernel.why_not(gemm)) {
      reason = *why;
      continue;
    }
    const Inputs inputs = gemm.inputs(kSeed);
    try {
      const auto job = kernel.prepare(gemm, inputs, {.slots = 3});
      job->poison();
      for (const int64_t slot : {0, 2}) job->run(slot);
      const Tensor first = job->output(0), last = job->output(2), untouched = job->output(1);
      std::string where;
      EXPECT_EQ(wrong_elements(last, expected(gemm, inputs), &where), 0) << gemm.name() << ", " << where;
      EXPECT_EQ(std::memcmp(first.data(), last.data(), static_cast<size_t>(last.bytes())), 0) << gemm.name();
      EXPECT_EQ(static_cast<unsigned char>(untouched.data()[0]), kPoisonByte) << "slot 1 was written";
      ++checked;
    } catch (const Unsupported& unsupported) {
      reason = unsupported.what();
    }
  }
  if (checked == 0) GTEST_SKIP() << reason;
}

std::string case_name(const testing::TestParamInfo<GpuGemm::ParamType>& info) {
  std::string text = kernels(nullptr)[static_cast<size_t>(std::get<0>(info.param))].name + "_" +
                     std::string(name(std::get<1>(info.param)));
  for (char& letter : text) {
    if (letter == '+') letter = '_';
  }
  return text;
}

INSTANTIATE_TEST_SUITE_P(Contenders, GpuGemm,
                         testing::Combine(testing::Range(0, static_cast<int>(kernels(nullptr).size())),
                                          testing::Values(Precision::fp64, Precision::fp32, Precision::tf32,
                                                          Precision::bf16, Precision::fp16,
                                                          Precision::fp8e4m3, Precision::int8)),
                         case_name);

// A race between threads shows as results that differ from run to run.
TEST_F(Gpu, OwnKernelsRepeatBitForBit) {
  for (const Kernel& kernel : {gemm_naive(context), gemm_tiled(context), gemm_register_tiled(context)}) {
    for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16}) {
      const Gemm gemm{.m = 517, .n = 389, .k = 260, .precision = precision};
      const Inputs inputs = gemm.inputs(kSeed);
      const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
      job->run(0);
      const Tensor once = job->output(0);
      for (int repeat = 0; repeat < 100; ++repeat) {
        job->poison();
        job->run(0);
        const Tensor again = job->output(0);
        ASSERT_EQ(std::memcmp(once.data(), again.data(), static_cast<size_t>(once.bytes())), 0)
            << kernel.name << ", " << name(precision) << ", repeat " << repeat;
      }
    }
  }
}

TEST_F(Gpu, NaNInReluIsNotHidden) {
  Gemm gemm{.m = 1, .n = 1, .k = 1, .epilogue = Epilogue::bias_relu};
  Inputs inputs = gemm.inputs(kSeed);
  inputs.operands[0].as<float>()[0] = std::nanf("");
  for (const Kernel& kernel : {gemm_naive(context), gemm_tiled(context), gemm_register_tiled(context)}) {
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
    job->run(0);
    EXPECT_TRUE(std::isnan(job->output(0).at(0))) << kernel.name;
  }
}

}  // namespace
}  // namespace breakeven::cuda
