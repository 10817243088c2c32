// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <numeric>

#include "cpu_ref/conv_shapes.h"
#include "cpu_ref/cpu.h"

namespace breakeven::cpu {
namespace {

std::vector<Kernel> contenders() {
  return {
    conv_judge(), conv_scalar(), conv_im2col_simd(),
#if BREAKEVEN_OPENBLAS
        conv_im2col_openblas(),
#endif
#if BREAKEVEN_ONEDNN
        conv_onednn(), conv_onednn_nhwc(),
#endif
  };
}

std::vector<double> judged(const Conv2d& conv, const Inputs& inputs) {
  std::vector<int64_t> all(static_cast<size_t>(conv.results()[0].size()));
  std::iota(all.begin(), all.end(), 0);
  return judge(conv, inputs, all);
}

/// How far a sum of products of values in [-1, 1) and one rounding may be from the judge's.
double tolerance(const Conv2d& conv, double expected) {
  const PrecisionFacts& f = facts(conv.precision);
  const double products = static_cast<double>(conv.longest_sum());
  const double size = std::sqrt(products) + std::abs(expected) + 1;
  const bool fraction = conv.precision == Precision::int8 && conv.epilogue == Epilogue::bias_relu;
  return f.output_roundoff * std::abs(expected) +
         8 * f.accumulate_roundoff * size * std::log2(2.0 + products) +
         (fraction ? 0.5 + 0x1p-23 * std::abs(expected) : 0);
}

void expect_close(const Conv2d& conv, const Tensor& got, const std::vector<double>& expected,
                  const std::string& who) {
  ASSERT_EQ(got.element(), facts(conv.precision).output) << who;
  ASSERT_EQ(got.shape(), conv.results()[0].extents) << who;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = got.at(static_cast<int64_t>(i));
    // Negated, so that a NaN (poison) is a failure.
    if (!(std::abs(value - expected[i]) <= tolerance(conv, expected[i])))
      FAIL() << who << " element " << i << ": got " << value << ", expected " << expected[i];
  }
}

/// Returns whether the contender computes such a problem at all.
bool run_and_compare(const Kernel& kernel, const Conv2d& conv, const Inputs& inputs,
                     const std::vector<double>& expected) {
  if (kernel.why_not(conv)) return false;
  const std::string who = kernel.name + " " + conv.name() + " " + std::string(name(conv.precision));
  try {
    const std::unique_ptr<Job> job = kernel.prepare(conv, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    job->run(1);  // a second run must not add to the first
    expect_close(conv, job->output(1), expected, who + " by " + job->implementation());
    const Tensor untouched = job->output(0);
    EXPECT_EQ(static_cast<unsigned char>(untouched.data()[0]), kPoisonByte) << who << " wrote another slot";
    EXPECT_GE(job->reorder_seconds(), 0);
  } catch (const Unsupported& e) {
    EXPECT_STRNE(e.what(), "");
    return false;
  }
  return true;
}

class ConvContender : public testing::TestWithParam<Precision> {};

TEST_P(ConvContender, AgreesWithTheJudgeOnRaggedShapes) {
  for (const Conv2d& conv : ragged_convolutions(GetParam())) {
    const Inputs inputs = conv.inputs(7);
    const std::vector<double> expected = judged(conv, inputs);
    for (const Kernel& kernel : contenders()) run_and_compare(kernel, conv, inputs, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, ConvContender,
                         testing::ValuesIn(all_precisions().begin(), all_precisions().end() - 1),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(ConvContenders, ComputeWhatTheyPromise) {
  const auto computes = [](const Kernel& kernel, Direction direction, Precision precision, int64_t groups) {
    const Conv2d conv{.direction = direction,
                      .n = 2,
                      .c = 16,
                      .h = 7,
                      .w = 8,
                      .k = 32,
                      .r = 3,
                      .s = 3,
                      .stride = 1,
                      .padding = 1,
                      .groups = groups,
                      .precision = precision};
    const Inputs inputs = conv.inputs(7);
    return run_and_compare(kernel, conv, inputs, judged(conv, inputs));
  };
  for (const Direction d : {Direction::forward, Direction::backward_data, Direction::backward_weights}) {
    for (const int64_t groups : {1, 2, 16}) {
      for (const Precision p : {Precision::fp64, Precision::fp32}) {
        EXPECT_TRUE(computes(conv_judge(), d, p, groups) && computes(conv_scalar(), d, p, groups));
        EXPECT_TRUE(computes(conv_im2col_simd(), d, p, groups)) << name(d) << groups;
#if BREAKEVEN_OPENBLAS
        EXPECT_TRUE(computes(conv_im2col_openblas(), d, p, groups)) << name(d) << groups;
#endif
      }
#if BREAKEVEN_ONEDNN
      EXPECT_TRUE(computes(conv_onednn(), d, Precision::fp32, groups)) << name(d) << groups;
      EXPECT_TRUE(computes(conv_onednn_nhwc(), d, Precision::fp32, groups)) << name(d) << groups;
#endif
    }
    const bool forward = d == Direction::forward;
    EXPECT_EQ(computes(conv_scalar(), d, Precision::int8, 1), forward);
    EXPECT_EQ(computes(conv_im2col_simd(), d, Precision::int8, 1), forward);
    EXPECT_TRUE(computes(conv_im2col_simd(), d, Precision::bf16, 1)) << name(d);
    EXPECT_FALSE(computes(conv_im2col_simd(), d, Precision::fp16, 1)) << name(d);
    EXPECT_TRUE(computes(conv_scalar(), d, Precision::bf16, 1) &&
                computes(conv_scalar(), d, Precision::fp16, 1));
#if BREAKEVEN_ONEDNN
    EXPECT_EQ(computes(conv_onednn(), d, Precision::int8, 1), forward);
#endif
  }
  EXPECT_TRUE(conv_judge().why_not(Conv2d{.precision = Precision::u8}));
  for (const Kernel& kernel : contenders())
    EXPECT_FALSE(kernel.why_not(Gemm{}) == std::nullopt) << kernel.name;
}

/// Patches of more than one chunk, of parts of images and of several images, with any number of threads.
TEST(ConvContenders, PatchesInChunks) {
  const int before = omp_get_max_threads();
  for (const int threads : {1, 3}) {
    omp_set_num_threads(threads);
    for (const char* shape : {"n3c37h40w41k6r5s5u1p2", "n90c33h9w9k4r3s3u1p1", "n2c6h200w210k6r3s3u1p1g3"}) {
      for (const char* direction : {"fwd-", "bwdd-", "bwdw-"}) {
        std::string why;
        const Conv2d conv = parse_conv2d(direction + std::string(shape), Precision::fp32, &why).value();
        const Inputs inputs = conv.inputs(3);
        const std::vector<double> expected = judged(conv, inputs);
        EXPECT_TRUE(run_and_compare(conv_im2col_simd(), conv, inputs, expected));
        Conv2d narrow = conv;  // whose sums need places of their own
        narrow.precision = Precision::bf16;
        const Inputs rounded = narrow.inputs(3);
        EXPECT_TRUE(run_and_compare(conv_im2col_simd(), narrow, rounded, judged(narrow, rounded)));
#if BREAKEVEN_OPENBLAS
        EXPECT_TRUE(run_and_compare(conv_im2col_openblas(), conv, inputs, expected));
#endif
      }
    }
  }
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace breakeven::cpu
