// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// `breakeven run gemm --device emu`: every contender of the GPU backend, in every precision it has, through
// the whole path from the problem's name to the record.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/program.h"

namespace breakeven::cli {
namespace {

using nlohmann::json;

std::string last_part(const std::string& id) { return id.substr(id.rfind('/') + 1); }

TEST(EmulatedSuite, EveryContenderIsRightWhereItCanAndSkippedWithAReasonElsewhere) {
  if (!std::getenv("BREAKEVEN_EMU_PLUGIN")) GTEST_SKIP() << "this build has no emulated GPU";
  const TemporaryFolder folder;
  const Outcome o = start({"run", "gemm", "--device", "emu", "--json"}, folder.path());
  ASSERT_FALSE(o.out.empty()) << o.err;
  const json document = json::parse(o.out);
  std::map<std::string, int> right;  // contender -> cases
  for (const json& r : document["results"]) {
    const std::string id = r["case"], status = r["status"];
    EXPECT_TRUE(status == "ok" || status == "skipped") << id << ": " << status << ", " << r["reason"];
    EXPECT_TRUE(r["seconds"].empty()) << id;
    right[last_part(id)] += status == "ok";
    if (status == "skipped") {
      EXPECT_FALSE(r["reason"].get<std::string>().empty()) << id;
    }
    // What our own mistakes would turn into "the library offers nothing".
    EXPECT_EQ(r["reason"].get<std::string>().find("offers no algorithm"), std::string::npos) << id;
  }
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_GT(right.size(), 10u);
  for (const auto& [contender, cases] : right) EXPECT_GT(cases, 0) << contender << " was skipped everywhere";
  std::printf("  %zu cases, %zu contenders\n", document["results"].size(), right.size());
}

}  // namespace
}  // namespace breakeven::cli
