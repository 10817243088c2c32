// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/run_line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "harness/usage_error.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

TEST(RunLine, HoldsMachineLibrariesAndCommand) {
  const auto line = run_line(sample::a_run());
  EXPECT_EQ(line["kind"], "run");
  EXPECT_EQ(line["schema"], 1);
  EXPECT_EQ(line["method"], kMethod);
  EXPECT_EQ(line["tool"].dump(), R"({"version":"0.1.0","git":"591d76c"})");
  EXPECT_EQ(line["argv"][4], "a b.jsonl");
  EXPECT_EQ(line["machine"]["cpu"]["cores"], 1);
  EXPECT_EQ(line["machine"]["cpu"]["quota"], 1.5);
  EXPECT_EQ(line["machine"]["cpu"]["caches"]["l2_bytes"], 1 << 20);
  EXPECT_TRUE(line["machine"]["cpu"]["governor"].is_null());
  EXPECT_TRUE(line["machine"]["virtualisation"].is_null());
  EXPECT_EQ(line["machine"]["devices"][0]["id"], "cpu");
  EXPECT_EQ(line["machine"]["devices"][0]["driver"], "none");
  EXPECT_EQ(line["libraries"].dump(), R"({"OpenBLAS":"0.3.21"})");
  EXPECT_TRUE(line["instance"].is_null());
  EXPECT_TRUE(line["argv"].is_array() && line["plan"]["shapes"].is_array());
}

TEST(RunLine, HasAFreshUuidAndItsStart) {
  const auto one = run_line(sample::a_run()), other = run_line(sample::a_run());
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  EXPECT_TRUE(std::regex_match(one["id"].get<std::string>(), uuid)) << one["id"];
  EXPECT_NE(one["id"], other["id"]);
  EXPECT_TRUE(std::regex_match(one["started"].get<std::string>(),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST(RunLine, OfNothingIsStillObjectsAndArrays) {
  const auto line = run_line(RunFacts{});
  EXPECT_TRUE(line["libraries"].is_object());
  EXPECT_TRUE(line["machine"]["devices"].is_array());
  EXPECT_TRUE(line["plan"]["cases"].is_array());
}

TEST(RunLine, PlanComesBack) {
  RunFacts run = sample::a_run();
  run.plan.regime = Regime::isolated;
  run.plan.seed = UINT64_MAX;
  run.plan.launches = 3;
  run.plan.samples = 7;
  run.plan.cases.push_back({"gemm/m1n1k1/fp32/cuda.naive", "cuda:1"});
  const PlanFacts plan = planned(nlohmann::json::parse(run_line(run).dump()));
  EXPECT_EQ(plan.selectors, run.plan.selectors);
  EXPECT_EQ(plan.preset, "quick");
  EXPECT_EQ(plan.regime, Regime::isolated);
  EXPECT_EQ(plan.seed, UINT64_MAX);
  EXPECT_EQ(plan.threads, 1);
  EXPECT_EQ(plan.launches, 3);
  EXPECT_EQ(plan.samples, 7);
  EXPECT_EQ(plan.timeout_seconds, 60);
  EXPECT_EQ(plan.cases, run.plan.cases);
}

TEST(RunLine, ACaseMayHaveARegimeOfItsOwn) {
  RunFacts run = sample::a_run();
  run.plan.cases = {{"gemm/m1n1k1/fp32/cpu.a", "cpu", Regime::sustained},
                    {"gemm/m1n1k1/fp32/cpu.a", "cpu", Regime::isolated}};
  auto line = nlohmann::json::parse(run_line(run).dump());
  EXPECT_FALSE(line["plan"]["cases"][0].contains("regime"));  // as files of one regime have always been
  EXPECT_EQ(line["plan"]["cases"][1]["regime"], "isolated");
  EXPECT_EQ(planned(line).cases, run.plan.cases);
  line["plan"]["cases"][1]["regime"] = "warm";
  EXPECT_THROW(planned(line), UsageError);
}

TEST(RunLine, WithoutCasesCannotBeResumed) {
  auto line = nlohmann::json::parse(run_line(sample::a_run()).dump());
  EXPECT_NO_THROW(planned(line));
  line["plan"]["cases"][0]["case"] = "gemm";
  EXPECT_THROW(planned(line), UsageError);
  line["plan"].erase("cases");
  EXPECT_THROW(planned(line), UsageError);
}

}  // namespace
}  // namespace breakeven
