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
    const Precision precision = g.suite == "transfer" ? Precision::u8 : Precision::fp32;
    const auto problem = parse_problem(g.suite, g.example, precision, &why);
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
  EXPECT_FALSE(parse_problem("sorting", "m1n1k1", Precision::fp32, &why));
  EXPECT_NE(why.find("there is: gemm, conv, mixed, memory, transfer, train"), why.npos) << why;
  EXPECT_FALSE(parse_problem("", "m1n1k1", Precision::fp32, &why));
  EXPECT_FALSE(parse_problem(std::string(100000, 'x') + "\n", "m1n1k1", Precision::fp32, &why));
  EXPECT_LT(why.size(), 200u);
}

/// The reason for which a problem is refused; "" when it is not.
std::string refusal(std::string_view suite, std::string_view problem, Precision precision) {
  std::string why;
  return parse_problem(suite, problem, precision, &why) ? "" : why;
}

struct Bad {
  std::string_view suite, problem;
  Precision precision;
  std::string_view said;
};

TEST(Grammar, BadProblemsGiveTheReason) {
  using enum Precision;
  for (const Bad& bad : {Bad{"gemm", "m0n1k1", fp32, "m=0"},
                         {"gemm", "m1n1k1", u8, "u8"},
                         {"gemm", "fwd-n1c1h1w1k1r1s1u1p0", fp32, "m<number>"},
                         {"gemm", "m1n1k1+wide", int8, "int8"},
                         {"gemm", "m1n1k1+normal+scale4", fp32, "+scale4"},
                         {"conv", "m1n1k1", fp32, "'fwd-'"},
                         {"conv", "fwd-n1c1h1w1k1r1s1u1p0", u8, "u8"},
                         {"conv", "fwd-n1c1h3w3k1r6s3u1p1", fp32, "larger than the padded input"},
                         {"conv", "fwd-n1c6h3w3k4r1s1u1p0g4", fp32, "c=6 is not divisible by g=4"},
                         {"conv", "fwd-n1c1h3w3k1r1s1u0p0", fp32, "u=0"},
                         {"conv", "bwdd-n1c1h3w3k1r1s1u1p0", int8, "fwd alone"},
                         {"conv", "bwdw-n1c1h3w3k1r1s1u1p0", fp8e4m3, "fwd alone"},
                         {"conv", "bwdw-n1c1h3w3k1r1s1u1p0+bias_relu", fp32, "fwd alone"},
                         {"mixed", "bwdw-n1c1h3w3k1r1s1u1p0", int8, "fwd alone"},
                         {"mixed", "m1n1", fp32, "k<number>"},
                         {"memory", "softmax", fp32, "'softmax'"},
                         {"memory", "softmax-n4", fp32, "r<number>"},
                         {"memory", "softmax-r4c4", fp64, "fp64"},
                         {"memory", "gelu-n4398046511104", fp32, "n=4398046511104"},
                         {"transfer", "memcpy", u8, "-b<number>"},
                         {"transfer", "launch-b4", u8, "-b4"},
                         {"transfer", "memcpy-b4", fp32, "u8"},
                         {"train", "mlp-glyph-quik", fp32, "'mlp-glyph-quick'"},
                         {"train", "mlp-glyph-quick+batch0", fp32, "is 0"},
                         {"train", "mlp-glyph-quick", int8, "more range"}}) {
    const std::string why = refusal(bad.suite, bad.problem, bad.precision);
    EXPECT_NE(why.find(bad.said), why.npos) << bad.suite << " " << bad.problem << ": '" << why << "'";
  }
}

TEST(Grammar, MixedTakesProductsAndConvolutions) {
  std::string why;
  for (const std::string_view problem : {"m8n8k8+wide+scale12", "fwd-n1c3h5w5k4r3s3u2p1", "b2m8n8k8+zeros"}) {
    const auto parsed = parse_problem("mixed", problem, Precision::bf16, &why);
    ASSERT_TRUE(parsed) << why;
    EXPECT_EQ(name(*parsed), problem);
  }
}

TEST(Grammar, ConvolutionsAreCalledByTheirFullName) {
  std::string why;
  const auto short_name = parse_problem("conv", "fwd-n1c3h5w5k4r3s3", Precision::fp32, &why);
  ASSERT_TRUE(short_name) << why;
  EXPECT_EQ(name(*short_name), "fwd-n1c3h5w5k4r3s3u1p0");
}

TEST(Presets, NamesBudgetsAndSummaries) {
  ASSERT_EQ(presets().size(), 4u);
  for (const char* name : {"quick", "standard", "full", "fills"}) {
    const Preset* preset = find_preset(name);
    ASSERT_NE(preset, nullptr) << name;
    EXPECT_FALSE(preset->summary.empty());
    EXPECT_GE(preset->budget.min_samples, 5);
    EXPECT_LE(preset->budget.interval, 0.01);
    EXPECT_LE(preset->budget.min_seconds, preset->budget.max_seconds);
  }
  EXPECT_LT(find_preset("quick")->budget.max_seconds, find_preset("standard")->budget.max_seconds);
  EXPECT_LT(find_preset("standard")->budget.max_seconds, find_preset("full")->budget.max_seconds);
  EXPECT_EQ(find_preset("Quick"), nullptr);
  EXPECT_EQ(find_preset(""), nullptr);
}

}  // namespace
}  // namespace breakeven
