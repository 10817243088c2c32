// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/workloads.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "harness/usage_error.h"
#include "suites/suites.h"

namespace breakeven::train {
namespace {

namespace fs = std::filesystem;

std::optional<TrainTask> task(std::string_view problem, Precision precision = Precision::fp32) {
  std::string why;
  const auto parsed = parse_problem("train", problem, precision, &why);
  return parsed ? std::optional(std::get<TrainTask>(*parsed)) : std::nullopt;
}

std::string refusal(std::string_view problem, Precision precision = Precision::fp32) {
  std::string why;
  return parse_problem("train", problem, precision, &why) ? "" : why;
}

std::string own(const std::string& name, int width = 16) {
  return "suite = \"train\"\n[[workloads]]\nname = \"" + name +
         "\"\nsummary = \"ours\"\nprecisions = [\"fp32\"]\ndata = { source = \"glyph\", train = 100, test = "
         "20 }\n"
         "schedule = { batch = 10, epochs = 1, rate = 0.1 }\noptimizer = { kind = \"sgd\" }\n"
         "target = { metric = \"accuracy\", at_least = 0.1 }\nlayers = [ { op = \"linear\", out = " +
         std::to_string(width) + " }, { op = \"linear\", out = 10 } ]\n";
}

TEST(Workloads, NamesAndBatches) {
  const auto plain = task("resnet9-shapes-quick", Precision::bf16);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->batch, 0);
  EXPECT_EQ(plain->precision, Precision::bf16);
  EXPECT_EQ(plain->workload, task("resnet9-shapes-quick+batch64")->workload);
  EXPECT_EQ(plain, task("resnet9-shapes-quick+batch128", Precision::bf16));  // its own
  const auto wide = task("resnet9-shapes-quick+batch256");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->name(), "resnet9-shapes-quick+batch256");
  EXPECT_EQ(wide->schedule().rate, 0.6);
  EXPECT_TRUE(task("mlp-glyph-quick", Precision::fp64));
}

TEST(Workloads, BadNamesGiveTheReason) {
  using enum Precision;
  const auto has = [](const std::string& why, std::string_view part) { return why.find(part) != why.npos; };
  EXPECT_TRUE(has(refusal("resnet9-shape-quick"), "did you mean 'resnet9-shapes-quick'?"));
  EXPECT_TRUE(has(refusal("x"), "there is: mlp-glyph-quick"));
  EXPECT_LT(refusal(std::string(100'000, 'x')).size(), 600u);
  EXPECT_TRUE(has(refusal(""), "no workload ''"));
  for (const char* bad :
       {"+batch", "+batch0x", "+batch-4", "+batch4+batch5", "+bacth4", "+", "+batch99999999999999999999"})
    EXPECT_FALSE(refusal("mlp-glyph-quick" + std::string(bad)).empty()) << bad;
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+bacth4"), "+batch<number>"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch0"), "is 0"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch60001"), "more than the 60000 training samples"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch2000000"), "not from 1 to"));
  EXPECT_TRUE(has(refusal("gpt-synth-standard+batch1048576"), "too large"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", int8), "more range"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", fp8e4m3), "fp8e4m3"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", u8), "plain bytes"));
}

TEST(Workloads, AFileOfTheUsersDefinesOne) {
  const fs::path file =
      fs::path(testing::TempDir()) / ("own_workload_" + std::to_string(::getpid()) + ".toml");
  std::ofstream(file) << own("from-a-file") << "[[problems]]\nname = \"batches\"\nprecisions = [\"fp32\"]\n"
                      << "grid = { workload = \"from-a-file\", batch = [0, 20] }\n";
  EXPECT_FALSE(task("from-a-file"));
  const std::vector<Suite> loaded = load_suite_file(file);
  ASSERT_EQ(loaded.size(), 1u);
  const std::vector<Question> asked = questions(loaded, "");
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(name(asked[1].problem), "from-a-file+batch20");
  EXPECT_EQ(task("from-a-file"), std::get<TrainTask>(asked[0].problem));

  EXPECT_EQ(questions(load_suite_file(file), "").size(), 2u);  // again, and alike
  EXPECT_EQ(task("from-a-file"), std::get<TrainTask>(asked[0].problem));
  std::ofstream(file) << own("from-a-file", 17);
  EXPECT_THROW(load_suite_file(file), UsageError);
  fs::remove(file);
}

TEST(Workloads, DefinitionsTravel) {
  define_workloads(own("from-a-record"));
  const auto known = task("from-a-record");
  ASSERT_TRUE(known);
  const std::vector<std::string> texts = user_definitions();
  const auto text =
      std::ranges::find_if(texts, [](const std::string& t) { return t.find("from-a-record") != t.npos; });
  ASSERT_NE(text, texts.end());
  EXPECT_EQ(*text, known->workload->definition);
  EXPECT_EQ(text->find("mlp-glyph"), text->npos);
  define_workloads(*text);  // what a worker does that knows it already
  EXPECT_EQ(task("from-a-record"), known);
  EXPECT_EQ(user_definitions().size(), texts.size());
  EXPECT_THROW(define_workloads("suite = \"train\""), UsageError);
  EXPECT_THROW(define_workloads(own("from-a-record", 3)), UsageError);
}

TEST(Workloads, BuiltInOnesAreNotReplaced) {
  try {
    define_workloads(own("mlp-glyph-quick"));
    FAIL() << "replaced";
  } catch (const UsageError& e) {
    EXPECT_NE(std::string(e.what()).find("line 3: key 'name' has 'mlp-glyph-quick', which is a built-in"),
              std::string::npos)
        << e.what();
  }
  const std::string twice = own("twice") + own("twice", 5).substr(std::string("suite = \"train\"\n").size());
  EXPECT_THROW(define_workloads(twice), UsageError);
  EXPECT_FALSE(task("twice"));
}

TEST(Workloads, OverlaysAddThem) {
  const fs::path folder = fs::path(testing::TempDir()) / ("train_overlay_" + std::to_string(::getpid()));
  fs::create_directories(folder / "suites");
  std::ofstream(folder / "suites" / "mine.toml") << own("from-an-overlay");
  const std::vector<Suite> all = suites(folder);
  EXPECT_EQ(all.back().sets.back().name, "from-an-overlay");
  EXPECT_TRUE(task("from-an-overlay+batch5"));
  std::ofstream(folder / "suites" / "mine.toml") << own("mlp-glyph-quick");
  EXPECT_THROW(suites(folder), UsageError);
  fs::remove_all(folder);
}

TEST(Workloads, TheExampleOfTheReadmeCanBeTrained) {
  std::ifstream in(BREAKEVEN_SUITES_FOLDER "/README.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const size_t workloads = page.find("[[workloads]]\nname");
  ASSERT_NE(workloads, page.npos);
  const size_t begin = page.rfind("```toml\n", workloads) + 8, end = page.find("```", workloads);
  define_workloads(page.substr(begin, end - begin));
  EXPECT_TRUE(task("small-cnn+batch256"));
}

}  // namespace
}  // namespace breakeven::train
