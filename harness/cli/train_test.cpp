// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/program.h"

// Trainings from the command line: a model of one's own, small enough to train in a moment.

namespace breakeven::cli {
namespace {

using nlohmann::json;
using std::string_literals::operator""s;

/// Digits through one hidden layer, 60 steps.
std::string digits(double target, const std::string& layers = R"({ op = "linear", out = 32, bound = 0.03 },
  { op = "relu" }, { op = "linear", out = 10 })") {
  return fmt::format(R"(suite = "train"
[[workloads]]
name = "digits"
summary = "digits through one hidden layer"
precisions = ["fp32", "bf16"]
data = {{ source = "glyph", train = 1920, test = 200 }}
schedule = {{ batch = 32, epochs = 1, rate = 0.02, warmup = 0.2, evaluations = 2 }}
optimizer = {{ kind = "sgd", momentum = 0.9 }}
target = {{ metric = "accuracy", at_least = {} }}
layers = [
  {},
]
)",
                     target, layers);
}

std::vector<json> results(const std::filesystem::path& file) {
  std::vector<json> found;
  std::istringstream lines(read(file));
  for (std::string line; std::getline(lines, line);) {
    json record = json::parse(line);
    if (record["kind"] == "result") found.push_back(std::move(record));
  }
  return found;
}

class Trainings : public testing::Test {
 protected:
  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"run", "my.toml", "--device", "cpu", "--precision", "fp32"});
    arguments.insert(arguments.end(), {"--out", "out.jsonl"});
    return start(arguments, folder.path());
  }
  /// Whether this build has a library that multiplies; without one, only the judge trains.
  bool trains() {
    define(digits(0));
    return start({"list", "cases", "my.toml", "--device", "cpu", "--precision", "fp32", "--kernel",
                  "onednn,openblas"},
                 folder.path())
               .exit_code != 2;
  }
  void define(const std::string& text) { write(folder / "my.toml", text); }
  TemporaryFolder folder;
};

TEST_F(Trainings, EverySeedIsARecord) {
  if (!trains()) GTEST_SKIP() << "this build has no library that multiplies";
  define(digits(0));
  const Outcome outcome = run({"--launches", "2", "--seed", "7"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("2/2"), std::string::npos) << outcome.out;
  const std::vector<json> records = results(folder / "out.jsonl");
  ASSERT_GE(records.size(), 2u);
  for (const json& record : records) {
    if (record["status"] == "skipped") continue;
    EXPECT_EQ(record["status"], "ok");
    EXPECT_EQ(record["seconds"].size(), 1u);
    const json& train = record["train"];
    EXPECT_EQ(train["seed"], 7 + record["launch"].get<int>());
    EXPECT_EQ(train["steps"], 60);
    EXPECT_EQ(train["evaluations"].size(), 2u);
    EXPECT_GT(train["quality"], 0.14);  // a guess: 0.1
    EXPECT_EQ(record["check"]["metric"], "step0");
  }
}

TEST_F(Trainings, AMissedTargetFailsTheRunAndIsNoNumber) {
  if (!trains()) GTEST_SKIP() << "this build has no library that multiplies";
  define(digits(0.999));
  EXPECT_EQ(run({"--launches", "1"}).exit_code, 1);
  bool missed = false;
  for (const json& record : results(folder / "out.jsonl")) {
    if (record["status"] == "skipped") continue;
    missed = true;
    EXPECT_EQ(record["status"], "failed");
    EXPECT_EQ(record["reason"].get<std::string>().find("target_missed"), 0u);
    EXPECT_TRUE(record["seconds"].empty());
  }
  EXPECT_TRUE(missed);
}

TEST_F(Trainings, DivergenceIsWrongAndSaysTheStep) {
  if (!trains()) GTEST_SKIP() << "this build has no library that multiplies";
  std::string text = digits(0, R"({ op = "linear", out = 32 }, { op = "linear", out = 10 })");
  text.replace(text.find("rate = 0.02"), 11, "rate = 100");
  define(text);
  EXPECT_EQ(run({"--launches", "1"}).exit_code, 1);
  bool wrong = false;
  for (const json& record : results(folder / "out.jsonl")) {
    if (record["status"] == "skipped") continue;
    wrong = true;
    EXPECT_EQ(record["status"], "wrong");
    EXPECT_NE(record["reason"].get<std::string>().find("step"), std::string::npos);
  }
  EXPECT_TRUE(wrong);
}

TEST_F(Trainings, AModelThatDoesNotFitIsRefusedByItsLayer) {
  define(digits(0, R"({ op = "conv", out = 4 }, { op = "maxpool", size = 3 }, { op = "linear", out = 10 })"));
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("my.toml"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("maxpool"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
}

TEST_F(Trainings, FilesOfOnesOwnAreAskedFor) {
  if (!trains()) GTEST_SKIP() << "this build has no library that multiplies";
  const Outcome outcome = start(
      {"run", "train", "--shape", "mlp-mnist", "--device", "cpu", "--precision", "fp32", "--launches", "1"},
      folder.path());
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_NE(outcome.out.find("--data"), std::string::npos) << outcome.out;
}

TEST_F(Trainings, AFolderThatIsNotThereIsBadUsage) {
  const Outcome nowhere =
      start({"run", "train", "--shape", "mlp-mnist", "--device", "cpu", "--data", "none"}, folder.path());
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_NE(nowhere.err.find("none"), std::string::npos) << nowhere.err;
}

TEST_F(Trainings, TuneSearchesAndGoesOn) {
  if (!trains()) GTEST_SKIP() << "this build has no library that multiplies";
  define(digits(0));
  const Outcome stopped = start({"tune", "my.toml", "--device", "cpu", "--precision", "fp32", "--launches",
                                 "1", "--budget", "1e-9", "--out", "t.jsonl"},
                                folder.path());
  EXPECT_EQ(stopped.exit_code, 4) << stopped.err << stopped.out;
  const Outcome instead = start({"run", "--resume", "t.jsonl"}, folder.path());
  EXPECT_EQ(instead.exit_code, 2);
  EXPECT_NE(instead.err.find("tune --resume"), std::string::npos) << instead.err;
  const Outcome more = start({"tune", "--resume", "t.jsonl", "--launches", "5"}, folder.path());
  EXPECT_EQ(more.exit_code, 2);
  EXPECT_NE(more.err.find("--launches"), std::string::npos) << more.err;
  const Outcome found = start({"tune", "--resume", "t.jsonl", "--budget", "60s", "--json"}, folder.path());
  EXPECT_EQ(found.exit_code, 0) << found.err;
  const json answer = json::parse(found.out);
  EXPECT_EQ(answer["workload"], "digits");
  EXPECT_TRUE(answer["complete"]);
  EXPECT_EQ(answer["best"]["precision"], "fp32");
  EXPECT_GE(answer["trials"], 2);
  EXPECT_EQ(start({"verify", "t.jsonl"}, folder.path()).exit_code, 0);
}

TEST_F(Trainings, TuneRefusesWhatIsNoSearch) {
  for (const std::vector<std::string>& arguments : {std::vector{"tune"s},
                                                    {"tune"s, "gpt-synth-quik"},
                                                    {"tune"s, "gpt-synth-quick+batch8"},
                                                    {"tune"s, "mlp-mnist"},
                                                    {"tune"s, "gpt-synth-quick", "--budget", "soon"},
                                                    {"tune"s, "gpt-synth-quick", "--budget", "-3s"},
                                                    {"tune"s, "--resume", "none.jsonl"}}) {
    const Outcome outcome = start(arguments, folder.path());
    EXPECT_EQ(outcome.exit_code, 2) << arguments.back();
    EXPECT_FALSE(outcome.err.empty());
  }
}

}  // namespace
}  // namespace breakeven::cli
