// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/headline.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

Record record(const std::string& problem, double flops, const std::string& precision,
              const std::string& device, const std::string& kernel, double seconds, double interval = 0.01) {
  Record r;
  r.problem = problem;
  r.precision = precision;
  r.device = device;
  r.backend = device.substr(0, device.find(':'));
  r.kernel = kernel;
  r.flops = flops;
  r.status = Status::ok;
  for (double step : {-1.0, -0.5, 0.0, 0.5, 1.0}) r.seconds.push_back(seconds * (1 + interval * step));
  r.interval = interval;
  return r;
}

TEST(Headlines, SayWhatPrecisionBuysAtTheLargestSharedProblem) {
  const std::vector<Record> records{
      record("m64", 1, "bf16", "cpu", "onednn", 1), record("m64", 1, "fp32", "cpu", "openblas", 1),
      record("m128", 8, "bf16", "cpu", "onednn", 2), record("m128", 8, "fp32", "cpu", "openblas", 8.2),
      record("m256", 64, "bf16", "cpu", "onednn", 9)};
  const auto said = headlines(rate_tables(records));
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said[0], "m128: bf16 cpu.onednn is 4.10x fp32 cpu.openblas (2.00 s against 8.20 s)");
}

TEST(Headlines, CallATieATie) {
  const std::vector<Record> records{record("m64", 1, "fp32", "cpu", "onednn", 1.00, 0.02),
                                    record("m64", 1, "fp32", "cpu", "openblas", 1.03, 0.02)};
  const auto said = headlines(rate_tables(records));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("cannot be told apart"), std::string::npos) << said[0];
}

TEST(Headlines, AnOutlierOnOneSideDoesNotBlurAClearDifference) {
  std::vector<Record> records{record("m64", 1, "fp32", "cpu", "onednn", 5e-6),
                              record("m64", 1, "fp32", "cpu", "scalar", 84e-6)};
  records[1].seconds.back() = 4e-3;
  const auto said = headlines(rate_tables(records));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("16.8x"), std::string::npos) << said[0];
}

TEST(Headlines, TakeTheLaunchesTogetherAsTheTableDoes) {
  const std::vector<Record> records{
      record("m64", 1, "bf16", "cpu", "onednn", 1.0), record("m64", 1, "bf16", "cpu", "onednn", 2.0),
      record("m64", 1, "bf16", "cpu", "onednn", 1.5), record("m64", 1, "fp32", "cpu", "onednn", 6.0)};
  const auto said = headlines(rate_tables(records));
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said[0].find("4.00x"), std::string::npos) << said[0];
}

TEST(Headlines, SetGpuAgainstCpuWithAndWithoutTransfers) {
  const std::vector<Record> records{record("m64", 1, "fp32", "cpu", "onednn", 1.0),
                                    record("m64", 1, "fp32", "cuda:0", "cublaslt", 0.01),
                                    record("m64", 1, "fp32", "cuda:0", "cublaslt+transfer", 2.0)};
  const auto said = headlines(rate_tables(records));
  ASSERT_GE(said.size(), 2u);
  EXPECT_EQ(said[0], "m64: fp32 cuda:0.cublaslt is 100x fp32 cpu.onednn (10.0 ms against 1.00 s)");
  EXPECT_EQ(said[1], "m64: fp32 cpu.onednn is 2.00x fp32 cuda:0.cublaslt+transfer (1.00 s against 2.00 s)");
}

TEST(Headlines, SayNothingAboutOneContender) {
  const std::vector<Record> alone{record("m64", 1, "fp32", "cpu", "onednn", 1)};
  EXPECT_TRUE(headlines(rate_tables(alone)).empty());
  EXPECT_TRUE(headlines({}).empty());
}

}  // namespace
}  // namespace breakeven
