// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/frontier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/fill_tables.h"
#include "reports/page.h"

namespace breakeven {
namespace {

Record answer(const std::string& problem, const std::string& precision, const std::string& kernel,
              double seconds, Accuracy accuracy) {
  Record r;
  r.id = "mixed/" + problem + "/" + precision + "/cpu." + kernel;
  r.suite = "mixed";
  r.problem = problem;
  r.precision = precision;
  r.device = r.backend = "cpu";
  r.kernel = kernel;
  r.threads = 2;
  r.flops = 1e9;
  r.status = Status::ok;
  r.seconds.assign(seconds > 0 ? 5 : 0, seconds);
  r.accuracy = accuracy;
  return r;
}

const std::vector<Record>& precisions() {
  static const std::vector<Record> kRecords{
      answer("m64", "fp32", "slow", 0.02, {.normwise = 1e-7, .worst = 4e-7}),
      answer("m64", "fp32", "fast", 0.01, {.normwise = 2e-7, .worst = 5e-7}),
      answer("m64", "fp64", "only", 0.04, {.normwise = 1e-16, .worst = 3e-16}),
      answer("m64", "bf16", "units", 0.002, {.normwise = 3e-3, .worst = 1e-2}),
      answer("m64", "bf16", "widened", 0.015, {.normwise = 3e-3, .worst = 1e-2})};
  return kRecords;
}

TEST(Frontier, IsWhomNobodyBeatsInBoth) {
  const std::vector<RateTable> tables = rate_tables(precisions());
  const std::vector<Frontier> found = frontiers(tables);
  ASSERT_EQ(found.size(), 1u);
  std::vector<std::string> order;
  for (const Cell& c : found[0].cells) order.push_back(c.record->precision + c.record->kernel);
  EXPECT_EQ(order,
            (std::vector<std::string>{"fp64only", "fp32slow", "fp32fast", "bf16units", "bf16widened"}));
  EXPECT_EQ(found[0].on_edge, (std::vector<bool>{true, true, true, true, false}));
}

TEST(Frontier, IsATableAndASentence) {
  const std::vector<RateTable> tables = rate_tables(precisions());
  const std::string text = render(frontiers(tables).at(0), Style::text);
  EXPECT_NE(text.find("mixed m64, sustained"), std::string::npos) << text;
  EXPECT_NE(text.find("bf16 cpu.units <      500  2.00 ms      5.00x  3.00e-03  1.00e-02"), std::string::npos)
      << text;
  EXPECT_NE(text.find("bf16 cpu.widened  "), std::string::npos) << text;
  EXPECT_NE(
      text.find("frontier of m64: fp64 cpu.only 1e-16 at 25.0, fp32 cpu.slow 1e-07 at 50.0, fp32 cpu.fast "
                "2e-07 at 100, bf16 cpu.units 0.003 at 500 GFLOP/s"),
      std::string::npos)
      << text;
}

TEST(Frontier, OfCheckedOnlyIsAnErrorColumn) {
  const std::vector<Record> records{answer("m64", "bf16", "a", 0, {.normwise = 3e-3, .worst = 1e-2})};
  const std::vector<RateTable> tables = rate_tables(records);
  const std::string text = render(frontiers(tables).at(0), Style::text);
  EXPECT_NE(text.find("3.00e-03"), std::string::npos) << text;
  EXPECT_EQ(text.find("frontier"), std::string::npos) << text;
}

TEST(WideTables, SayWhatLossScalingDid) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Record> records{
      answer("m64+wide", "fp16", "a", 0.1, {.normwise = 2e-4, .underflowed = 0.3}),
      answer("m64+wide+scale16", "fp16", "a", 0.1, {.normwise = 1e-4}),
      answer("m64+wide+scale24", "fp16", "a", 0.1, {.normwise = none, .nonfinite = 1, .overflowed = 0.125}),
      answer("m64+wide", "bf16", "a", 0.1, {.normwise = 2e-3})};
  const std::vector<RateTable> tables = rate_tables(records);
  EXPECT_TRUE(frontiers(tables).empty());
  const std::string text = wide_tables(tables, Style::text);
  EXPECT_NE(
      text.find(
          "fp16 cpu.a m64 loses 30 % of the gradients without scaling, none with 2^16; with 2^24 12.5 % of "
          "them and 100 % of the results overflow"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("bf16 cpu.a m64 loses none of the gradients without scaling; nothing overflows"),
            std::string::npos)
      << text;
}

TEST(FillTables, SayHowMuchDataFlatters) {
  const std::vector<Record> records{
      answer("m64", "bf16", "a", 0.0113, {}), answer("m64+zeros", "bf16", "a", 0.01, {}),
      answer("m64+normal", "bf16", "a", 0.0114, {}), answer("m64", "fp32", "a", 0.1, {})};
  const std::vector<RateTable> tables = rate_tables(records);
  const std::string text = fill_tables(tables, Style::text);
  EXPECT_NE(text.find("bf16 cpu.a, sustained: zeros would have flattered by 1.13x"), std::string::npos)
      << text;
  EXPECT_NE(text.find("uniform"), std::string::npos) << text;
  EXPECT_EQ(text.find("fp32"), std::string::npos) << text;  // one fill says nothing
}

TEST(FillTables, AreEmptyWithoutSuchProblems) {
  const std::vector<RateTable> tables = rate_tables(precisions());
  EXPECT_EQ(fill_tables(tables, Style::text) + wide_tables(tables, Style::text), "");
}

TEST(Page, OfMixedHasItsTablesInsteadOfPlainOnes) {
  ResultFile file;
  file.run = {{"kind", "run"}};
  file.records = precisions();
  file.ended = true;
  for (const Style style : {Style::text, Style::markdown}) {
    const std::string text = page(file, style);
    EXPECT_NE(text.find("frontier of m64"), std::string::npos) << text;
    EXPECT_EQ(text.find("of peak  of copy"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace breakeven
