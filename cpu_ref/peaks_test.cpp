// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/peaks.h"

#include <gtest/gtest.h>

#include "cpu_ref/cpu_features.h"

namespace breakeven::cpu {
namespace {

TEST(Peaks, EveryPrecisionHasOne) {
  for (const Precision p : all_precisions()) {
    const Peak peak = measure_peak(choose_peak(p), 1);
    EXPECT_GT(peak.rate, 1e8) << name(p);
    EXPECT_FALSE(peak.method.empty()) << name(p);
  }
}

TEST(Peaks, CopiesWithMoreThreadsThanLines) {
  EXPECT_GT(measure_copy(128, 3).rate, 0);
  EXPECT_GT(measure_copy(1 << 20, 2).rate, 1e6);
}

#if defined(__x86_64__)
// What a round of each loop counts, from the definition of its instructions.
TEST(Peaks, LoopsCountTheirFlops) {
  EXPECT_EQ(portable_fp64_loop()(10), 10 * 12 * 2 * 2);
  EXPECT_EQ(portable_fp32_loop()(10), 10 * 12 * 2 * 4);
  if (!has(Feature::avx512)) GTEST_SKIP() << "this CPU has no AVX-512";
  EXPECT_EQ(avx512_fp32_loop()(10), 10 * 24 * 2 * 16);
  if (!has(Feature::avx512_bf16) || !has(Feature::avx512_vnni))
    GTEST_SKIP() << "this CPU has no AVX-512 dot products";
  EXPECT_EQ(avx512_bf16_loop()(10), 10 * 24 * 2 * 32);
  EXPECT_EQ(avx512_int8_loop()(10), 10 * 24 * 2 * 64);
}

TEST(Peaks, AmxTilesAreDriven) {
  if (!has(Feature::amx_bf16)) GTEST_SKIP() << "this CPU has no AMX";
  EXPECT_EQ(amx_bf16_loop()(10), 10 * 4 * 2 * 16 * 16 * 32);
  EXPECT_NE(choose_peak(Precision::bf16).method.find("AMX"), std::string::npos);
  if (!has(Feature::amx_int8)) GTEST_SKIP() << "this CPU has no AMX for int8";
  EXPECT_EQ(amx_int8_loop()(10), 10 * 4 * 2 * 16 * 16 * 64);
  EXPECT_NE(choose_peak(Precision::int8).method.find("AMX"), std::string::npos);
}
#endif

}  // namespace
}  // namespace breakeven::cpu
