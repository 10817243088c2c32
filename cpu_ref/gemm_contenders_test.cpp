// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <numeric>

#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "harness/check.h"

namespace breakeven::cpu {
namespace {

std::vector<Kernel> contenders() {
  return {
    gemm_judge(), gemm_scalar(), gemm_simd(), gemm_simd_threads(), gemm_simd_widened(), gemm_simd_fp16(),
        gemm_amx(),
#if BREAKEVEN_OPENBLAS
        gemm_openblas(),
#endif
#if BREAKEVEN_ONEDNN
        gemm_onednn(),
#endif
  };
}

const char* const kShapes[] = {"m1n1k1",
                               "m1n5k7",
                               "m33n17k65",
                               "m127n129k131",
                               "b3m33n17k65",
                               "m40n50k1",
                               "m1n200k300",
                               "m200n1k300",
                               "m4n130k70+bias_relu",
                               "m33n17k65+bias_relu",
                               "m1n65k9+bias_relu",
                               "m65n1k70+bias_relu",
                               "b5m9n10k11+bias_relu",
                               "m70n40k1500",
                               "b3m127n129k131+bias_relu"};

/// How far a sum of k products of values in [-1, 1) and one rounding may be from the judge's. `narrow`:
/// Kernel::accumulate_roundoff.
double tolerance(const Gemm& g, double expected, double narrow) {
  const PrecisionFacts& f = facts(g.precision);
  const double size = std::sqrt(static_cast<double>(g.k)) + std::abs(expected);
  // The bias makes an int8 product's sum a fraction, rounded to an integer; oneDNN adds it in fp32.
  const bool fraction = g.precision == Precision::int8 && g.epilogue == Epilogue::bias_relu;
  const double bias = fraction ? 0.5 + 0x1p-24 * std::abs(expected) : 0;
  const double roundoff = narrow > 0 ? narrow : f.accumulate_roundoff;
  return f.output_roundoff * std::abs(expected) + 8 * roundoff * size * std::log2(2.0 + g.k) + bias;
}

void expect_close(const Gemm& g, const Tensor& got, const std::vector<double>& expected,
                  const std::string& who, double narrow = 0) {
  ASSERT_EQ(got.element(), facts(g.precision).output) << who;
  for (int64_t i = 0; i < g.outputs(); ++i) {
    const double e = expected[static_cast<size_t>(i)];
    // Negated, so that a NaN (poison) is a failure.
    if (!(std::abs(got.at(i) - e) <= tolerance(g, e, narrow))) {
      FAIL() << who << " element " << i << ": got " << got.at(i) << ", expected " << e;
    }
  }
}

/// Returns whether the contender computes such a problem at all.
bool run_and_compare(const Kernel& kernel, const Gemm& g) {
  const Problem problem = g;
  if (kernel.why_not(problem)) return false;
  const Inputs inputs = g.inputs(7);
  std::vector<int64_t> probes(static_cast<size_t>(g.outputs()));
  std::iota(probes.begin(), probes.end(), 0);
  const std::string who = kernel.name + " " + g.name() + " " + std::string(name(g.precision));
  try {
    const std::unique_ptr<Job> job = kernel.prepare(problem, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    job->run(1);  // a second run must not add to the first
    expect_close(g, job->output(1), judge(problem, inputs, probes), who + " by " + job->implementation(),
                 kernel.accumulate_roundoff);
    const Tensor untouched = job->output(0);
    EXPECT_EQ(static_cast<unsigned char>(untouched.data()[0]), kPoisonByte) << who << " wrote another slot";
  } catch (const Unsupported& e) {
    EXPECT_STRNE(e.what(), "");
    return false;
  }
  return true;
}

class Contender : public testing::TestWithParam<Precision> {};

TEST_P(Contender, AgreesWithTheJudgeOnRaggedShapes) {
  for (const Kernel& kernel : contenders()) {
    for (const char* shape : kShapes) {
      std::string why;
      run_and_compare(kernel, parse_gemm(shape, GetParam(), &why).value());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, Contender,
                         testing::ValuesIn(all_precisions().begin(), all_precisions().end()),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(Contenders, ComputeWhatTheyPromise) {
  const auto computes = [](const Kernel& kernel, Precision p) {
    return run_and_compare(kernel, Gemm{.m = 33, .n = 17, .k = 65, .precision = p});
  };
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::bf16, Precision::int8}) {
    EXPECT_TRUE(computes(gemm_judge(), p) && computes(gemm_scalar(), p)) << name(p);
    EXPECT_TRUE(computes(gemm_simd(), p) && computes(gemm_simd_threads(), p)) << name(p);
  }
  for (const Precision p : {Precision::tf32, Precision::fp16, Precision::fp8e4m3})
    EXPECT_TRUE(computes(gemm_judge(), p));
  EXPECT_FALSE(computes(gemm_judge(), Precision::u8));
  EXPECT_TRUE(computes(gemm_simd_widened(), Precision::bf16) &&
              computes(gemm_simd_widened(), Precision::int8));
  EXPECT_EQ(computes(gemm_simd_widened(), Precision::fp16), has(Feature::avx512));
  EXPECT_EQ(computes(gemm_amx(), Precision::bf16), has(Feature::amx_bf16));
  EXPECT_EQ(computes(gemm_amx(), Precision::int8), has(Feature::amx_int8));
  EXPECT_FALSE(computes(gemm_amx(), Precision::fp32) || computes(gemm_simd_fp16(), Precision::bf16));
#if BREAKEVEN_AVX512_FP16
  EXPECT_EQ(computes(gemm_simd_fp16(), Precision::fp16), has(Feature::avx512_fp16));
#endif
#if BREAKEVEN_OPENBLAS
  EXPECT_TRUE(computes(gemm_openblas(), Precision::fp32) && computes(gemm_openblas(), Precision::fp64));
#endif
#if BREAKEVEN_ONEDNN
  EXPECT_TRUE(computes(gemm_onednn(), Precision::fp32) && computes(gemm_onednn(), Precision::int8));
#endif
}

TEST(Contenders, WorkWithMoreThreadsThanCores) {
  const int before = omp_get_max_threads();
  for (const int threads : {1, 3, omp_get_num_procs() + 5}) {
    omp_set_num_threads(threads);
    for (const char* shape : {"m127n129k131", "b3m33n17k65+bias_relu", "m3n300k20", "m20n1000k400"}) {
      std::string why;
      run_and_compare(gemm_simd_threads(), parse_gemm(shape, Precision::fp32, &why).value());
      run_and_compare(gemm_judge(), parse_gemm(shape, Precision::fp32, &why).value());
    }
  }
  omp_set_num_threads(before);
}

// Sums of 16 products in fp16 keep within what the contender announces, whatever k.
TEST(Contenders, KeepTheRoundoffTheyAnnounce) {
  for (const Kernel& kernel : {gemm_simd_fp16(), gemm_simd_widened()}) {
    for (const int64_t k : {1, 15, 16, 17, 33, 320, 321, 4000}) {
      const Gemm g{.m = 25, .n = 130, .k = k, .precision = Precision::fp16};
      if (kernel.why_not(g)) continue;
      const Inputs inputs = g.inputs(3);
      const std::unique_ptr<Job> job = kernel.prepare(g, inputs, {});
      job->poison();
      job->run(0);
      const Check c = check(g, inputs, job->outputs(0), judge, Depth::whole, 3, kernel.accumulate_roundoff);
      EXPECT_EQ(c.verdict, Verdict::ok) << kernel.name << " k" << k << " " << c.where;
    }
  }
}

// Tiles are as libraries on the same threads left them: each must set up its own.
TEST(Contenders, ShareTilesWithLibraries) {
#if BREAKEVEN_ONEDNN
  const Gemm g{.m = 70, .n = 90, .k = 130, .precision = Precision::bf16};
  if (gemm_amx().why_not(g) || gemm_onednn().why_not(g)) GTEST_SKIP() << "this CPU has no AMX";
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(run_and_compare(gemm_amx(), g));
    run_and_compare(gemm_onednn(), g);
  }
#endif
}

TEST(Contenders, AddUpBlocksOfEverySize) {
  // Larger than one block in each of m, n (portable: 6 MiB / 20 KiB strips) and k.
  for (const Precision p : {Precision::fp32, Precision::bf16, Precision::int8, Precision::fp64}) {
    run_and_compare(gemm_simd(), Gemm{.m = 700, .n = 40, .k = 1400, .precision = p});
    run_and_compare(gemm_simd_threads(), Gemm{.m = 9, .n = 5300, .k = 330, .precision = p});
    run_and_compare(gemm_amx(), Gemm{.m = 450, .n = 70, .k = 1100, .precision = p});
  }
}

}  // namespace
}  // namespace breakeven::cpu
