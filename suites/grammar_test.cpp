// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/grammar.h"

#include <gtest/gtest.h>

#include "suites/suites.h"

namespace breakeven {
namespace {

TEST(Grammar, EverySuiteParsesItsExampleAndHasAQuestion) {
  for (const Grammar& g : grammars()) {
    std::string why;
    const auto problem = parse_problem(g.suite, g.example, Precision::fp32, &why);
    ASSERT_TRUE(problem) << g.suite << ": " << why;
    EXPECT_EQ(name(*problem), g.example);
    EXPECT_TRUE(g.question.ends_with('?'));
  }
}

TEST(Grammar, ProblemsKeepTheirPrecision) {
  std::string why;
  const auto problem = parse_problem("gemm", "b2m3n5k7+bias_relu", Precision::int8, &why);
  ASSERT_TRUE(problem);
  EXPECT_EQ(precision(*problem), Precision::int8);
  EXPECT_EQ(name(*problem), "b2m3n5k7+bias_relu");
}

TEST(Grammar, UnknownSuiteNamesTheNearest) {
  std::string why;
  EXPECT_FALSE(parse_problem("gem", "m1n1k1", Precision::fp32, &why));
  EXPECT_NE(why.find("did you mean 'gemm'?"), why.npos) << why;
  EXPECT_FALSE(parse_problem("transfer", "m1n1k1", Precision::fp32, &why));
  EXPECT_NE(why.find("there is: gemm"), why.npos) << why;
  EXPECT_FALSE(parse_problem("", "m1n1k1", Precision::fp32, &why));
  EXPECT_FALSE(parse_problem(std::string(100000, 'x') + "\n", "m1n1k1", Precision::fp32, &why));
  EXPECT_LT(why.size(), 200u);
}

TEST(Grammar, BadProblemsGiveTheReason) {
  std::string why;
  EXPECT_FALSE(parse_problem("gemm", "m0n1k1", Precision::fp32, &why));
  EXPECT_NE(why.find("m=0"), why.npos);
  EXPECT_FALSE(parse_problem("gemm", "m1n1k1", Precision::u8, &why));
  EXPECT_NE(why.find("u8"), why.npos);
}

TEST(Presets, NamesBudgetsAndSummaries) {
  ASSERT_EQ(presets().size(), 3u);
  for (const char* name : {"quick", "standard", "full"}) {
    const Preset* preset = find_preset(name);
    ASSERT_NE(preset, nullptr) << name;
    EXPECT_FALSE(preset->summary.empty());
    EXPECT_GE(preset->budget.min_samples, 5);
    EXPECT_EQ(preset->budget.interval, 0.01);
    EXPECT_LE(preset->budget.min_seconds, preset->budget.max_seconds);
  }
  EXPECT_LT(find_preset("quick")->budget.max_seconds, find_preset("standard")->budget.max_seconds);
  EXPECT_LT(find_preset("standard")->budget.max_seconds, find_preset("full")->budget.max_seconds);
  EXPECT_EQ(find_preset("Quick"), nullptr);
  EXPECT_EQ(find_preset(""), nullptr);
}

}  // namespace
}  // namespace breakeven
