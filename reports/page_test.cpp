// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/page.h"

#include <gtest/gtest.h>

#include "reports/rate_table.h"

namespace breakeven {
namespace {

Record record(const std::string& problem, const std::string& kernel, Status status, double seconds,
              double flops = 1e9) {
  Record r;
  r.id = "gemm/" + problem + "/fp32/cpu." + kernel;
  r.suite = "gemm";
  r.problem = problem;
  r.precision = "fp32";
  r.device = r.backend = "cpu";
  r.kernel = kernel;
  r.threads = 2;
  r.flops = flops;
  r.bytes = 1e6;
  r.status = status;
  if (status == Status::ok)
    r.seconds.assign(5, seconds);
  else
    r.reason = "because of " + kernel;
  r.peak_flops = 2e9;
  r.peak_attainable = true;
  r.copy_rate = 1e9;
  return r;
}

ResultFile file(std::vector<Record> records) {
  ResultFile f;
  f.path = "x.jsonl";
  f.run = {{"kind", "run"}, {"machine", {{"cpu", {{"model", "Test CPU"}, {"cores", 2}}}}}, {"method", 1}};
  f.records = std::move(records);
  f.ended = true;
  return f;
}

TEST(Page, HoldsATableWithSizesDownAndContendersAcross) {
  const std::string text =
      page(file({record("m64", "a", Status::ok, 1.0), record("m64", "b", Status::ok, 2.0),
                 record("m128", "a", Status::ok, 4.0, 8e9), record("m128", "b", Status::skipped, 0, 8e9)}),
           Style::text);
  EXPECT_NE(text.find("gemm fp32, sustained, 2 CPU threads"), std::string::npos) << text;
  EXPECT_NE(text.find("GFLOP/s  cpu.a   cpu.b   fastest  of peak  of copy"), std::string::npos) << text;
  EXPECT_NE(text.find("m64       1.00*   0.50    1.00 s     50 %"), std::string::npos) << text;
  EXPECT_NE(text.find("3 ok, 1 skipped"), std::string::npos) << text;
}

TEST(Page, SaysWhoDidNotAnswerAndWhatWentWrong) {
  const std::string text =
      page(file({record("m64", "a", Status::ok, 1.0), record("m64", "b", Status::skipped, 0),
                 record("m64", "c", Status::wrong, 0)}),
           Style::text);
  EXPECT_NE(text.find("skipped cpu.b: because of b"), std::string::npos) << text;
  EXPECT_NE(text.find("WRONG"), std::string::npos) << text;
  EXPECT_NE(text.find("wrong gemm/m64/fp32/cpu.c on cpu: because of c"), std::string::npos) << text;
}

TEST(Page, LeavesOutATableThatOnlyTheJudgeWouldFill) {
  const std::string text = page(
      file({record("m64", "judge", Status::ok, 1.0), record("m64", "b", Status::skipped, 0)}), Style::text);
  EXPECT_NE(text.find("gemm fp32, sustained, 2 CPU threads: no contender on these devices"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("skipped cpu.b: because of b"), std::string::npos) << text;  // nothing else to show
}

TEST(Page, SaysWhenARunWasCutShort) {
  ResultFile f = file({});
  f.ended = false;
  EXPECT_NE(page(f, Style::markdown).find("cut short"), std::string::npos);
}

TEST(RateTables, TakeTheMiddleLaunchAndLeaveFailedOnesOut) {
  std::vector<Record> launches{record("m64", "a", Status::ok, 1.0), record("m64", "a", Status::ok, 5.0),
                               record("m64", "a", Status::ok, 2.0), record("m64", "a", Status::failed, 0)};
  const auto tables = rate_tables(launches);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].cells[0][0].seconds, 2.0);
  EXPECT_EQ(tables[0].cells[0][0].record->seconds[0], 2.0);
}

}  // namespace
}  // namespace breakeven
