// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/suite_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "harness/usage_error.h"

namespace breakeven {
namespace {

namespace fs = std::filesystem;

SuiteFile read(std::string_view text) { return read_suite(parse_toml("my.toml", text)); }

/// The message of the UsageError that `text` must cause; one line, and not the user's whole file.
std::string refusal(std::string_view text) {
  try {
    read(text);
  } catch (const UsageError& e) {
    const std::string what = e.what();
    EXPECT_EQ(what.find('\n'), what.npos) << what;
    EXPECT_LT(what.size(), 500u);
    EXPECT_NE(what.find(';'), what.npos) << "no remedy in: " << what;
    return what;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 500);
  return "";
}

bool says(const std::string& message, std::initializer_list<std::string_view> parts) {
  return std::ranges::all_of(parts, [&](std::string_view p) { return message.find(p) != message.npos; });
}

/// A file whose set stands in line 2 and whose `line` is line 5.
std::string with(std::string_view line) {
  return "suite = \"gemm\"\n[[problems]]\nname = \"a\"\nprecisions = [\"fp32\"]\n" + std::string(line) + "\n";
}

std::vector<std::string> names(const ProblemSet& set) {
  std::vector<std::string> found;
  for (const Problem& p : set.problems) found.push_back(name(p) + "/" + std::string(name(precision(p))));
  return found;
}

/// The names that a grid of `suite` makes.
std::vector<std::string> grid(std::string_view suite, std::string_view precision, std::string_view keys) {
  const std::string text =
      fmt::format("suite = \"{}\"\n[[problems]]\nname = \"a\"\nprecisions = [\"{}\"]\ngrid = {{ {} }}\n",
                  suite, precision, keys);
  std::vector<std::string> found;
  const SuiteFile file = read(text);
  for (const Problem& p : file.sets.at(0).set.problems) found.push_back(name(p));
  return found;
}

TEST(SuiteFile, GridsOfEverySuite) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(grid("gemm", "fp32", "m = 2, n = 2, k = 2, fill = [\"uniform\", \"zeros\"]"),
            (Names{"m2n2k2", "m2n2k2+zeros"}));
  EXPECT_EQ(grid("mixed", "bf16", "m = 2, n = 2, k = 2, fill = \"wide\", scale = [0, 4, 8]"),
            (Names{"m2n2k2+wide", "m2n2k2+wide+scale4", "m2n2k2+wide+scale8"}));
  EXPECT_EQ(grid("mixed", "bf16", "direction = \"fwd\", n = 1, c = 4, h = 5, w = 5, k = 3, r = 3, s = 3"),
            (Names{"fwd-n1c4h5w5k3r3s3u1p0"}));
  EXPECT_EQ(grid("conv", "fp32",
                 "direction = [\"fwd\", \"bwdw\"], n = 1, c = 4, h = 5, w = 5, k = 4, r = 3, s = 3, p = [0, "
                 "1], g = 4"),
            (Names{"fwd-n1c4h5w5k4r3s3u1p0g4", "fwd-n1c4h5w5k4r3s3u1p1g4", "bwdw-n1c4h5w5k4r3s3u1p0g4",
                   "bwdw-n1c4h5w5k4r3s3u1p1g4"}));
  EXPECT_EQ(grid("memory", "fp32", "operation = [\"gather\", \"scatter_add\"], v = 7, d = 3, i = 5"),
            (Names{"gather-v7d3i5", "scatter_add-v7d3i5"}));
  EXPECT_EQ(grid("memory", "fp32", "operation = \"softmax\", r = [1, 2], c = 3"),
            (Names{"softmax-r1c3", "softmax-r2c3"}));
  EXPECT_EQ(grid("transfer", "u8", "route = [\"memcpy\", \"p2p\"], b = 1024"),
            (Names{"memcpy-b1024", "p2p-b1024"}));
  EXPECT_EQ(grid("transfer", "u8", "route = [\"launch\", \"fork_join\"]"), (Names{"launch", "fork_join"}));
}

TEST(SuiteFile, BadGridsNameTheKey) {
  const auto refused = [](std::string_view suite, std::string_view keys) {
    return refusal(
        fmt::format("suite = \"{}\"\n[[problems]]\nname = \"a\"\nprecisions = [\"fp32\"]\ngrid = {{ {} }}\n",
                    suite, keys));
  };
  EXPECT_TRUE(
      says(refused("conv", "n = 1"), {"line 5", "'grid.direction'", "is missing", "a word in quotes"}));
  EXPECT_TRUE(says(refused("memory", "operation = 3"), {"line 5", "'grid.operation'", "wrong type"}));
  EXPECT_TRUE(says(refused("gemm", "m = 1, n = 1, k = 1, scale = \"4\""), {"'grid.scale'", "whole number"}));
  EXPECT_TRUE(says(refused("memory", "operation = \"softmax\", n = 3"), {"'grid'", "softmax-n3"}));
  EXPECT_TRUE(says(refused("conv", "directoin = \"fwd\""), {"'directoin'", "'direction'"}));
}

TEST(SuiteFile, ShapesAndGridInEveryPrecision) {
  const SuiteFile file = read(R"(suite = "gemm"
[[problems]]
name = "mine"
source = "somewhere"
presets = ["quick", "full"]
precisions = ["fp32", "bf16"]
shapes = ["m3n5k7+bias_relu"]
grid = { m = [1, 8], n = 4, k = [2, 6] }
)");
  EXPECT_EQ(file.suite, "gemm");
  ASSERT_EQ(file.sets.size(), 1u);
  const ProblemSet& set = file.sets[0].set;
  EXPECT_EQ(set.name, "mine");
  EXPECT_EQ(set.source, "somewhere");
  EXPECT_EQ(set.presets, (std::vector<std::string>{"quick", "full"}));
  EXPECT_EQ(names(set),
            (std::vector<std::string>{"m3n5k7+bias_relu/fp32", "m3n5k7+bias_relu/bf16", "m1n4k2/fp32",
                                      "m1n4k2/bf16", "m1n4k6/fp32", "m1n4k6/bf16", "m8n4k2/fp32",
                                      "m8n4k2/bf16", "m8n4k6/fp32", "m8n4k6/bf16"}));
}

TEST(SuiteFile, GridSpellsBatchesAndEpilogues) {
  const SuiteFile file =
      read(with("grid = { b = [1, 2], m = 3, n = 4, k = 5, epilogue = [\"none\", \"bias_relu\"] }"));
  EXPECT_EQ(names(file.sets[0].set), (std::vector<std::string>{"m3n4k5/fp32", "m3n4k5+bias_relu/fp32",
                                                               "b2m3n4k5/fp32", "b2m3n4k5+bias_relu/fp32"}));
}

TEST(SuiteFile, PresetsAndSourceMayBeLeftOut) {
  const SuiteFile file = read(with("shapes = [\"m1n2k3\"]"));
  EXPECT_TRUE(file.sets[0].set.presets.empty());
  EXPECT_TRUE(file.sets[0].set.source.empty());
  EXPECT_EQ(file.sets[0].set.problems.size(), 1u);
}

TEST(SuiteFile, ErrorsNameFileLineKeyAndRemedy) {
  EXPECT_TRUE(says(refusal(with("shapes = [\"m0n1k1\"]")),
                   {"my.toml line 5", "'shapes'", "m0n1k1", "m=0", "example"}));
  EXPECT_TRUE(says(refusal(with("shapes = [\n\"m1n1k1\",\n\"m1n1\"]")), {"line 7", "'shapes'", "m1n1"}));
  EXPECT_TRUE(says(refusal(with("shape = [\"m1n1k1\"]")), {"line 5", "'shape'", "did you mean 'shapes'?"}));
  EXPECT_TRUE(says(refusal(with("zzzzzz = 1")), {"line 5", "'zzzzzz'", "the keys are"}));
  EXPECT_TRUE(says(refusal(with("shapes = \"m1n1k1\"")), {"line 5", "'shapes'", "[ ]"}));
  EXPECT_TRUE(says(refusal(with("shapes = [1]")), {"line 5", "'shapes'", "quotes"}));
  EXPECT_TRUE(says(refusal(with("shapes = []")), {"line 5", "'shapes'"}));
  EXPECT_TRUE(says(refusal(with("")), {"line 2", "'shapes'", "grid", "m4096n4096k4096"}));
  EXPECT_TRUE(says(refusal(with("shapes = [\"m1n1k1\"]\npresets = [\"quik\"]")),
                   {"line 6", "did you mean 'quick'?"}));
  EXPECT_TRUE(says(refusal(with("shapes = [\"m1n1k1\"]\nsource = 3")), {"line 6", "'source'", "quotes"}));
  EXPECT_TRUE(
      says(refusal(with("shapes = [\"m1n1k1\"]\nsource = \"a\\nb\"")), {"line 6", "'source'", "control"}));
}

TEST(SuiteFile, GridErrors) {
  EXPECT_TRUE(says(refusal(with("grid = 3")), {"line 5", "'grid'"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = 1, n = 1 }")), {"line 5", "'grid.k'", "missing"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = 0, n = 1, k = 1 }")), {"line 5", "'grid'", "m=0"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = -1, n = 1, k = 1 }")), {"line 5", "m=-1"}));
  EXPECT_TRUE(
      says(refusal(with("grid = { m = 1.5, n = 1, k = 1 }")), {"line 5", "'grid.m'", "whole number"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = [\"1\"], n = 1, k = 1 }")), {"line 5", "'grid.m'"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = [], n = 1, k = 1 }")), {"line 5", "'grid.m'", "empty"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = 1, n = 1, k = 1, kk = 1 }")), {"line 5", "'kk'"}));
  EXPECT_TRUE(
      says(refusal(with("grid = { m = 1, n = 1, k = 1, epilogue = \"relu\" }")), {"line 5", "+relu"}));
  EXPECT_TRUE(says(refusal(with("grid = { m = 99999999999999999999, n = 1, k = 1 }")), {"line 5"}));
}

TEST(SuiteFile, FileAndSetErrors) {
  const std::string rest = "precisions = [\"fp32\"]\nshapes = [\"m1n1k1\"]\n";
  EXPECT_TRUE(says(refusal(""), {"my.toml line 1", "'suite'", "missing"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\""), {"line 1", "'problems'", "[[problems]]"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\nproblems = 3"), {"line 2", "'problems'"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[problems]\nname = \"a\""), {"line 2", "'problems'"}));
  EXPECT_TRUE(says(refusal("suite = \"gem\"\n"), {"line 1", "'suite'", "did you mean 'gemm'?"}));
  EXPECT_TRUE(says(refusal("suite = 1\n"), {"line 1", "'suite'", "quotes"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[[problems]]\n" + rest), {"line 2", "'name'", "missing"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[[problems]]\nname = \"a\"\nshapes = [\"m1n1k1\"]\n"),
                   {"line 2", "'precisions'", "missing"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[[problems]]\nname = \"a\"\nprecisions = [\"fp23\"]\n"),
                   {"line 4", "fp23", "did you mean 'fp32'?"}));
  EXPECT_TRUE(says(
      refusal("suite = \"gemm\"\n[[problems]]\nname = \"a\"\nprecisions = [\"u8\"]\nshapes = [\"m1n1k1\"]"),
      {"line 5", "u8"}));
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[[problems]]\nname = \"a\"\n" + rest +
                           "[[problems]]\nname = \"a\"\n" + rest),
                   {"line 7", "'name'", "line 3"}));
}

TEST(SuiteFile, NotToml) {
  EXPECT_TRUE(says(refusal("suite = \"gemm\"\n[[problems\n"), {"my.toml line 2", "TOML"}));
  EXPECT_TRUE(says(refusal("suite = gemm"), {"line 1", "TOML"}));
  EXPECT_TRUE(says(refusal("a = 1\na = 2"), {"line 2", "TOML"}));
  EXPECT_TRUE(says(refusal("suite = \"\xff\xfe\""), {"line 1", "TOML"}));
  EXPECT_TRUE(says(refusal(std::string("suite\0 = 1", 10)), {"line 1", "TOML"}));
}

std::string repeat(std::string_view part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

// Each of these would overflow the stack or the memory of a reader without bounds.
TEST(SuiteFile, NestingBombs) {
  EXPECT_TRUE(says(refusal("a = " + repeat("[", 100000)), {"line 1"}));
  EXPECT_TRUE(says(refusal("a = " + repeat("{a=", 100000)), {"line 1"}));
  EXPECT_TRUE(says(refusal("\na" + repeat(".a", 100000) + " = 1"), {"line 2", "dots"}));
  EXPECT_TRUE(says(refusal("[a" + repeat(".a", 100000) + "]"), {"line 1", "dots"}));
  const std::string thirty = "a" + repeat(".a", 30);
  EXPECT_FALSE(refusal(thirty + " = [\n" + repeat("{" + thirty + " = [\n", 120)).empty());
}

TEST(SuiteFile, NumberOfProblemsIsBounded) {
  const std::string thousand = "[" + repeat("1, ", 1000) + "]";
  EXPECT_TRUE(
      says(refusal(with("grid = { m = " + thousand + ", n = " + thousand + ", k = " + thousand + " }")),
           {"line 5", "'grid'", "100000"}));
  const std::string set = "precisions = [\"fp32\", \"bf16\"]\ngrid = { m = [" + repeat("1, ", 400) +
                          "], n = [" + repeat("1, ", 100) + "], k = 1 }\n";  // 80,000 problems
  EXPECT_TRUE(says(
      refusal("suite = \"gemm\"\n[[problems]]\nname = \"a\"\n" + set + "[[problems]]\nname = \"b\"\n" + set),
      {"line 6", "100000"}));
  EXPECT_EQ(read("suite = \"gemm\"\n[[problems]]\nname = \"a\"\n" + set).sets[0].set.problems.size(), 80000u);
}

class SuiteFileOnDisk : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("suite_file_test_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  std::string refusal_of(const fs::path& file) {
    try {
      load_suite_file(file);
    } catch (const UsageError& e) {
      return e.what();
    }
    return "";
  }
  fs::path folder_;
};

TEST_F(SuiteFileOnDisk, RoundTrip) {
  const auto all = load_suite_file(write("my.toml", with("shapes = [\"m1n2k3\", \"m1n2k3\", \"b4m5n6k7\"]")));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "gemm");
  const auto asked = questions(all, "");
  ASSERT_EQ(asked.size(), 2u);  // the repeated one once
  EXPECT_EQ(asked[0].suite, "gemm");
  EXPECT_EQ(name(asked[1].problem), "b4m5n6k7");
  EXPECT_TRUE(questions(all, "quick").empty());
}

TEST_F(SuiteFileOnDisk, ErrorsNameThePath) {
  const fs::path bad = write("bad.toml", with("shapes = [\"m0n1k1\"]"));
  EXPECT_TRUE(says(refusal_of(bad), {bad.string() + " line 5", "m=0"}));
}

TEST_F(SuiteFileOnDisk, MissingFolderTooLarge) {
  EXPECT_TRUE(says(refusal_of(folder_ / "none.toml"), {"none.toml", "no such file", ";"}));
  EXPECT_TRUE(says(refusal_of(folder_), {"not a regular file", ";"}));
  EXPECT_TRUE(says(refusal_of("/dev/zero"), {"not a regular file"}));
  EXPECT_TRUE(says(refusal_of(write("big.toml", std::string(2 << 20, '#'))), {"big.toml", "1 MiB", ";"}));
  EXPECT_FALSE(refusal_of(write("empty.toml", "")).empty());
  EXPECT_TRUE(says(refusal_of(folder_ / std::string(5000, 'x')), {"no such file"}));
}

}  // namespace
}  // namespace breakeven
