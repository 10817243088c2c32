// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// `breakeven run SUITE --device emu`: every contender of the GPU backend, in every precision it has, through
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

class EmulatedSuite : public testing::TestWithParam<const char*> {};

TEST_P(EmulatedSuite, EveryContenderIsRightWhereItCanAndSkippedWithAReasonElsewhere) {
  if (!std::getenv("BREAKEVEN_EMU_PLUGIN")) GTEST_SKIP() << "this build has no emulated GPU";
  const TemporaryFolder folder;
  const Outcome o = start({"run", GetParam(), "--device", "emu", "--json"}, folder.path());
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
  EXPECT_FALSE(right.empty());
  std::set<std::string> nowhere;
  for (const auto& [contender, cases] : right) {
    if (cases == 0) nowhere.insert(contender);
  }
  // mixed asks few shapes, and not the ones that these are for.
  const std::set<std::string> unfit = GetParam() == std::string("mixed")
                                          ? std::set<std::string>{"emu.conv_depthwise", "emu.gemv"}
                                          : std::set<std::string>{};
  EXPECT_EQ(nowhere, unfit) << "skipped everywhere";
  std::printf("  %zu cases, %zu contenders\n", document["results"].size(), right.size());
}

INSTANTIATE_TEST_SUITE_P(All, EmulatedSuite, testing::Values("gemm", "conv", "mixed", "memory", "transfer"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace breakeven::cli
