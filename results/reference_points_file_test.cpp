// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/reference_points_file.h"

#include <gtest/gtest.h>

#include "harness/usage_error.h"

namespace breakeven {
namespace {

const std::string kHead = R"({"workload":"w","method":"cpu.onednn","precision":"fp32","machine":"m","libraries":"l","seeds":[)";
const std::string kSeeds = R"({"seed":1,"quality":0.97,"crossing_step":416},{"seed":2,"quality":0.96,"crossing_step":null},
{"seed":3,"quality":0.98,"crossing_step":520})";

std::string refusal(const std::string& text) {
  try {
    parse_reference_points("rcp/w.json", text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ReferencePointsFile, IsRead) {
  const train::ReferencePoints r = parse_reference_points("rcp/w.json", kHead + kSeeds + "]}");
  EXPECT_EQ(r.workload, "w");
  EXPECT_EQ(r.method, "cpu.onednn");
  ASSERT_EQ(r.seeds.size(), 3u);
  EXPECT_EQ(r.seeds[0].seed, 1u);
  EXPECT_EQ(r.seeds[0].quality, 0.97);
  EXPECT_EQ(r.seeds[0].crossing_step, 416);
  EXPECT_EQ(r.seeds[1].crossing_step, std::nullopt);
}

TEST(ReferencePointsFile, HostileFilesAreRefusedInOneSentence) {
  const auto with = [](const std::string& seed) { return kHead + kSeeds + "," + seed + "]}"; };
  std::string many, deep(100'000, '[');
  for (int i = 0; i < 1001; ++i) many += (i ? "," : "") + std::string("{\"seed\":") + std::to_string(i) + "}";
  const std::pair<std::string, const char*> corpus[] = {
      {"", "it ends in the middle"},
      {"[]", "not a JSON object"},
      {"{}", "'workload' is missing"},
      {deep, "nested deeper"},
      {std::string(2 << 20, ' '), "larger than 1 MiB"},
      {kHead + "]}", "0 seeds"},
      {kHead + many + "]}", "1001 seeds"},
      {kHead + kSeeds, "ends in the middle"},
      {with("7"), "no object"},
      {with(R"({"seed":3,"quality":0.9,"crossing_step":null})"), "seed 3 stands in it twice"},
      {with(R"({"seed":-4,"quality":0.9,"crossing_step":null})"), "seeds[3].seed"},
      {with(R"({"seed":4.5,"quality":0.9,"crossing_step":null})"), "seeds[3].seed"},
      {with(R"({"seed":4,"quality":"good","crossing_step":null})"), "seeds[3].quality"},
      {with(R"({"seed":4,"quality":1e999,"crossing_step":null})"), "too large"},
      {with(R"({"seed":4,"quality":-1,"crossing_step":null})"), "seeds[3].quality"},
      {with(R"({"seed":4,"quality":0.9,"crossing_step":0})"), "seeds[3].crossing_step"},
      {with(R"({"seed":4,"quality":0.9})"), "crossing_step' is missing"},
      {std::string("\0\0\0\0", 4), "NUL"},
  };
  for (const auto& [text, part] : corpus) {
    const std::string said = refusal(text);
    EXPECT_EQ(said.find("rcp/w.json: "), 0u) << said;
    EXPECT_NE(said.find(part), std::string::npos) << said << " lacks " << part;
    EXPECT_EQ(said.find('\n'), std::string::npos);
    EXPECT_LT(said.size(), 400u);
  }
}

}  // namespace
}  // namespace breakeven
