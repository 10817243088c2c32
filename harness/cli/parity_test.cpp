// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/program.h"

// The smallest workloads, by every contender of the CPU.

namespace breakeven::cli {
namespace {

std::vector<std::string> parity(std::vector<std::string> more) {
  std::vector<std::string> words{"parity", "--preset", "emulated", "--device", "cpu", "--steps", "3"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// In 16 bits a few roundings turn most of so small a model's gradients: its operations are judged, its steps
// are not.
TEST(ParityVerb, EveryContenderPassesItsGatesOnEveryWorkload) {
  const Outcome o = start(parity({"--json"}));
  if (o.err.find("no contender here trains") != std::string::npos)
    GTEST_SKIP() << "this build has no library that multiplies";
  ASSERT_TRUE(o.exit_code == 0 || o.exit_code == 1) << o.err << o.out;
  const auto tables = nlohmann::json::parse(o.out);
  EXPECT_EQ(tables.size(), 4u);
  for (const auto& table : tables) {
    for (const auto& row : table.at("rows")) {
      EXPECT_NE(row.at("gates").empty(), row.at("reason").get<std::string>().empty()) << row;
      std::set<std::string> gates;
      for (const auto& found : row.at("gates")) {
        const std::string gate = found.at("gate");
        gates.insert(gate);
        const bool judged = row.at("precision") == "fp32" || gate == "L0" || gate == "L1";
        EXPECT_TRUE(!judged || found.at("verdict") != "wrong") << found;
      }
      EXPECT_TRUE(gates.empty() || gates == (std::set<std::string>{"L0", "L1", "L2", "L3", "L4", "L6"}))
          << row;
    }
  }
}

TEST(ParityVerb, ATableForPeopleAndNothingForNobody) {
  const Outcome none = start(parity({"gemm"}));
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_NE(none.err.find("no contender here trains"), std::string::npos) << none.err;
  const Outcome table = start(parity({"train/mlp*", "--precision", "fp32,tf32"}));
  if (table.exit_code == 4) GTEST_SKIP() << "this build has no library that multiplies";
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("mlp-glyph-emulated, batch 8, 3 steps"), std::string::npos) << table.out;
}

}  // namespace
}  // namespace breakeven::cli
