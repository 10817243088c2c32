// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/suites.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "harness/train/workload.h"
#include "harness/usage_error.h"
#include "suites/builtin.h"

namespace breakeven {
namespace {

namespace fs = std::filesystem;

class Suites : public testing::Test {
 protected:
  // An empty folder of settings, so that a developer's own overlay does not count.
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("suites_test_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "breakeven" / "suites");
    setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void overlay(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "breakeven" / "suites" / name) << text;
  }
  fs::path folder_;
};

std::string own_set(std::string_view name, std::string_view presets = "[\"quick\"]") {
  return "suite = \"gemm\"\n[[problems]]\nname = \"" + std::string(name) +
         "\"\npresets = " + std::string(presets) + "\nprecisions = [\"fp32\"]\nshapes = [\"m11n13k17\"]\n";
}

const ProblemSet& set_named(const std::vector<Suite>& all, std::string_view name) {
  for (const Suite& suite : all) {
    const auto found = std::ranges::find(suite.sets, name, &ProblemSet::name);
    if (found != suite.sets.end()) return *found;
  }
  throw std::runtime_error("no set " + std::string(name));
}

std::set<std::string> ids(const std::vector<Question>& asked) {
  std::set<std::string> found;
  for (const Question& q : asked)
    found.insert(q.suite + "/" + name(q.problem) + "/" + std::string(name(precision(q.problem))));
  return found;
}

/// Trains on files that only its user has.
bool needs_folder(const Problem& problem) {
  const auto* task = std::get_if<TrainTask>(&problem);
  return task && task->workload->needs_folder;
}

TEST_F(Suites, EveryFileOfTheFolderIsBuiltInUnaltered) {
  std::set<std::string> on_disk, built_in;
  const fs::path root = fs::path(BREAKEVEN_SUITES_FOLDER).parent_path();
  for (const auto& entry : fs::recursive_directory_iterator(BREAKEVEN_SUITES_FOLDER)) {
    if (entry.path().extension() == ".toml") on_disk.insert(entry.path().lexically_relative(root).string());
  }
  for (const BuiltinFile& file : builtin_files()) {
    built_in.insert(std::string(file.path));
    std::ifstream in(root / file.path, std::ios::binary);
    EXPECT_EQ(file.text, std::string(std::istreambuf_iterator<char>(in), {})) << file.path;
  }
  EXPECT_EQ(on_disk, built_in);
}

TEST_F(Suites, EverySetSaysWhereItComesFromAndBelongsToAPreset) {
  const auto all = suites({});
  std::vector<std::string> suite_names;
  for (const Suite& suite : all) {
    suite_names.push_back(suite.name);
    EXPECT_TRUE(suite.question.ends_with('?'));
    for (const ProblemSet& set : suite.sets) {
      EXPECT_FALSE(set.source.empty()) << set.name;
      ASSERT_FALSE(set.problems.empty()) << set.name;
      EXPECT_EQ(set.presets.empty(), needs_folder(set.problems[0])) << set.name;
    }
  }
  EXPECT_EQ(suite_names, (std::vector<std::string>{"gemm", "conv", "mixed", "memory", "transfer", "train"}));
}

/// How many questions a preset may ask of a suite: at least, at most.
struct Size {
  const char *suite, *preset;
  size_t least, most;
};

TEST_F(Suites, PresetsAreOfSaneSize) {
  const auto all = suites({});
  for (const Size& size : {Size{"gemm", "quick", 15, 25},       Size{"gemm", "standard", 100, 200},
                           Size{"gemm", "full", 500, 3000},     Size{"conv", "quick", 6, 12},
                           Size{"conv", "standard", 100, 250},  Size{"conv", "full", 1000, 3000},
                           Size{"mixed", "quick", 10, 15},      Size{"mixed", "standard", 50, 150},
                           Size{"mixed", "full", 70, 200},      Size{"memory", "quick", 10, 15},
                           Size{"memory", "standard", 50, 150}, Size{"memory", "full", 70, 200},
                           Size{"transfer", "quick", 20, 30},   Size{"transfer", "standard", 60, 100},
                           Size{"transfer", "full", 60, 100},   Size{"mixed", "fills", 10, 10},
                           Size{"conv", "emulated", 20, 60},    Size{"mixed", "emulated", 20, 50},
                           Size{"memory", "emulated", 20, 90},  Size{"transfer", "emulated", 5, 20},
                           Size{"train", "quick", 16, 16},      Size{"train", "standard", 16, 16},
                           Size{"train", "full", 36, 36},       Size{"train", "emulated", 16, 16}}) {
    const Suite& suite = *std::ranges::find(all, size.suite, &Suite::name);
    EXPECT_GE(questions({suite}, size.preset).size(), size.least) << size.suite << " " << size.preset;
    EXPECT_LE(questions({suite}, size.preset).size(), size.most) << size.suite << " " << size.preset;
  }
}

TEST_F(Suites, PresetsAreNestedAndWithoutDuplicates) {
  const auto all = suites({});
  const auto quick = questions(all, "quick"), standard = questions(all, "standard"),
             full = questions(all, "full");
  const auto everything = questions(all, "");
  for (const auto* asked : {&quick, &standard, &full, &everything})
    EXPECT_EQ(ids(*asked).size(), asked->size());
  auto in_a_preset = ids(full);
  in_a_preset.merge(ids(questions(all, kEmulatedPreset)));
  in_a_preset.merge(ids(questions(all, "fills")));
  auto for_everybody = everything;
  std::erase_if(for_everybody, [](const Question& q) { return needs_folder(q.problem); });
  EXPECT_EQ(in_a_preset, ids(for_everybody));
  // But for trainings: whoever has hours for the larger ones has no use for the small ones.
  auto quick_cases = quick;
  std::erase_if(quick_cases, [](const Question& q) { return q.suite == "train"; });
  EXPECT_TRUE(std::ranges::includes(ids(standard), ids(quick_cases)));
  EXPECT_TRUE(std::ranges::includes(ids(full), ids(standard)));
  EXPECT_TRUE(questions(all, "nonsense").empty());
}

TEST_F(Suites, QuickAsksInEveryPrecisionAndCrossesTheSizes) {
  const auto quick = ids(questions(suites({}), "quick"));
  for (const Precision p : all_precisions()) {
    const bool asked = quick.contains("gemm/m1024n1024k1024/" + std::string(name(p)));
    EXPECT_EQ(asked, p != Precision::u8) << name(p);
  }
  EXPECT_TRUE(quick.contains("gemm/m4096n4096k4096/bf16"));
  for (const char* size : {"256", "512", "1024", "2048"}) {
    const std::string s = size;
    EXPECT_TRUE(quick.contains("gemm/m" + s + "n" + s + "k" + s + "/fp32")) << s;
    EXPECT_TRUE(quick.contains("gemm/m" + s + "n" + s + "k" + s + "/bf16")) << s;
  }
}

TEST_F(Suites, SquaresReachFrom64To16384) {
  const auto full = ids(questions(suites({}), "full"));
  for (int size = 64; size <= 16384; size *= 2) {
    const std::string s = std::to_string(size);
    EXPECT_TRUE(full.contains("gemm/m" + s + "n" + s + "k" + s + "/fp32")) << s;
  }
}

// 160, 75 and 13 lines in DeepBench; 83, 75 and 13 without those that differ in transposition alone.
TEST_F(Suites, DeepBenchIsWhole) {
  const auto all = suites({});
  EXPECT_EQ(set_named(all, "deepbench_training").problems.size(), 83u * 3);
  EXPECT_EQ(set_named(all, "deepbench_server").problems.size(), 75u * 3);
  EXPECT_EQ(set_named(all, "deepbench_device").problems.size(), 13u * 2);
  for (const char* name : {"deepbench_training", "deepbench_server", "deepbench_device"}) {
    const ProblemSet& set = set_named(all, name);
    std::set<std::string> distinct;
    for (const Problem& p : set.problems)
      distinct.insert(breakeven::name(p) + std::string(breakeven::name(precision(p))));
    EXPECT_EQ(distinct.size(), set.problems.size()) << name;
  }
  // Its first line, (M, N, K) = (1760, 16, 1760): 16 columns of a recurrent layer are our 16 rows.
  EXPECT_EQ(breakeven::name(set_named(all, "deepbench_training").problems.front()), "m16n1760k1760");
}

TEST_F(Suites, TransformersCoverOneTo8192Tokens) {
  const auto full = ids(questions(suites({}), "full"));
  for (const char* id :
       {"m1n768k768/fp32", "m8192n3072k768/bf16", "m8192n768k3072/bf16", "m1024n2304k768/fp32",
        "m1024n50257k768/bf16", "m8192n14336k4096/bf16", "m128n1024k4096/fp8e4m3", "m16n128256k4096/bf16",
        "m8192n28672k8192/bf16", "m128n8192k28672/int8"}) {
    EXPECT_TRUE(full.contains("gemm/" + std::string(id))) << id;
  }
}

TEST_F(Suites, OverlayAddsToItsPresets) {
  const auto before = questions(suites({}), "quick").size();
  overlay("mine.toml", own_set("mine"));
  overlay("ignored.txt", "not toml at all");
  overlay(".#mine.toml", "an editor's lock file");
  const auto all = suites({});
  EXPECT_EQ(questions(all, "quick").size(), before + 1);
  EXPECT_EQ(name(questions({all[0]}, "quick").back().problem), "m11n13k17");  // after the built-in ones
  EXPECT_EQ(set_named(all, "mine").problems.size(), 1u);
}

TEST_F(Suites, OverlayDoesNotShadow) {
  overlay("mine.toml", own_set("squares"));
  try {
    suites({});
    FAIL() << "a built-in set was replaced";
  } catch (const UsageError& e) {
    const std::string what = e.what();
    EXPECT_NE(what.find("mine.toml line 3"), what.npos) << what;
    EXPECT_NE(what.find("'squares'"), what.npos) << what;
  }
  overlay("mine.toml", own_set("mine"));
  overlay("other.toml", own_set("mine"));
  EXPECT_THROW(suites({}), UsageError);
}

TEST_F(Suites, BadOverlayIsAnErrorOfItsOwn) {
  overlay("mine.toml", "suite = \"gemm\"\n[[problems]]\nnmae = \"a\"\n");
  EXPECT_THROW(suites({}), UsageError);
  fs::remove(folder_ / "breakeven" / "suites" / "mine.toml");
  fs::create_directory(folder_ / "breakeven" / "suites" / "folder.toml");
  EXPECT_THROW(suites({}), UsageError);
}

TEST_F(Suites, CatalogueFolderReplacesTheUsersOwn) {
  overlay("mine.toml", own_set("mine"));
  fs::create_directories(folder_ / "catalog" / "suites");
  std::ofstream(folder_ / "catalog" / "suites" / "team.toml") << own_set("team");
  const auto all = suites(folder_ / "catalog");
  EXPECT_EQ(set_named(all, "team").problems.size(), 1u);
  EXPECT_THROW(set_named(all, "mine"), std::runtime_error);
  fs::create_directories(folder_ / "prices_only");
  EXPECT_NO_THROW(suites(folder_ / "prices_only"));
  EXPECT_THROW(suites(folder_ / "missing"), UsageError);
}

TEST_F(Suites, NoSettingsFolderIsNoError) {
  unsetenv("XDG_CONFIG_HOME");
  setenv("HOME", (folder_ / "nobody").c_str(), 1);
  EXPECT_FALSE(suites({}).empty());
  unsetenv("HOME");
  EXPECT_FALSE(suites({}).empty());
  setenv("XDG_CONFIG_HOME", "relative/path", 1);
  EXPECT_FALSE(suites({}).empty());
}

}  // namespace
}  // namespace breakeven
