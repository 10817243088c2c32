// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/reference_points.h"

#include <gtest/gtest.h>

namespace breakeven::train {
namespace {

/// Twenty runs whose quality and crossing spread a little around 0.97 and 500.
ReferencePoints reference() {
  ReferencePoints r;
  r.workload = "w";
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const double spread = static_cast<double>(seed % 5) - 2;
    r.seeds.push_back({seed, 0.97 + 0.004 * spread, 500 + 40 * static_cast<int64_t>(spread)});
  }
  return r;
}
std::vector<ReferencePoint> runs(double quality, std::optional<int64_t> crossing, double spread = 0.004) {
  return {{1, quality - spread, crossing}, {2, quality, crossing}, {3, quality + spread, crossing}};
}

TEST(ReferencePoints, TheSameTrainingPasses) {
  EXPECT_EQ(reference_gate(reference(), Metric::accuracy, runs(0.97, 500)).verdict, Verdict::ok);
  EXPECT_EQ(reference_gate(reference(), Metric::accuracy, reference().seeds).verdict, Verdict::ok);
  EXPECT_EQ(quality_gate(reference(), Metric::accuracy, runs(0.975, 500)).verdict, Verdict::ok);
}

TEST(ReferencePoints, WorseAndBetterAreBothWrong) {
  for (const double quality : {0.94, 0.999}) {
    const GateResult found = reference_gate(reference(), Metric::accuracy, runs(quality, std::nullopt));
    EXPECT_EQ(found.verdict, Verdict::wrong);
    EXPECT_NE(found.where.find("final accuracy"), std::string::npos) << found.where;
  }
  EXPECT_EQ(quality_gate(reference(), Metric::accuracy, runs(0.94, 500)).verdict, Verdict::wrong);
}

TEST(ReferencePoints, SlowerAndFasterAreBothWrong) {
  for (const int64_t step : {300, 800}) {
    const GateResult found = reference_gate(reference(), Metric::accuracy, runs(0.97, step));
    EXPECT_EQ(found.verdict, Verdict::wrong);
    EXPECT_NE(found.where.find("first crossing"), std::string::npos) << found.where;
  }
}

TEST(ReferencePoints, DifferencesNobodyWouldSeeAreNone) {
  ReferencePoints exact = reference();
  for (ReferencePoint& p : exact.seeds) p = {p.seed, 0.97, 500};
  EXPECT_EQ(reference_gate(exact, Metric::accuracy, runs(0.9705, 510, 0)).verdict, Verdict::ok);
  EXPECT_EQ(reference_gate(exact, Metric::accuracy, runs(0.9715, 510, 0)).verdict, Verdict::wrong);
  EXPECT_EQ(reference_gate(exact, Metric::accuracy, runs(0.97, 530, 0)).verdict, Verdict::wrong);
}

TEST(ReferencePoints, TooFewRunsAreNotJudged) {
  const ReferencePoint one[] = {{1, 0.5, std::nullopt}};
  EXPECT_EQ(reference_gate(reference(), Metric::accuracy, one).verdict, Verdict::none);
  EXPECT_EQ(quality_gate(reference(), Metric::accuracy, {}).verdict, Verdict::none);
}

}  // namespace
}  // namespace breakeven::train
