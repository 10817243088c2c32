// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "results/sample_run.h"

// Holds results/schema.json against what the writer writes, and against what the reader refuses, through
// validate.py (Python's jsonschema).

namespace breakeven {
namespace {

constexpr int kMissing = 77;

struct Validated {
  int exit_code = 0;
  std::string complaints;
};

Validated validate(const std::string& text) {
  const sample::Folder folder;
  const std::filesystem::path file = folder / "a.jsonl", complaints = folder / "complaints";
  sample::spill(file, text);
  const std::string command = std::string(BREAKEVEN_PYTHON) + " " + BREAKEVEN_VALIDATE + " " + file.string() +
                              " > " + complaints.string();
  return {WEXITSTATUS(std::system(command.c_str())), sample::slurp(complaints)};
}

TEST(Schema, TakesWhatIsWritten) {
  Result missed = sample::a_training();
  missed.status = Status::failed, missed.reason = "target_missed", missed.training->first_crossing.reset();
  missed.training->quality = NAN;
  const Validated validated =
      validate(sample::file_text() + sample::a_training_record(sample::a_training()).dump() + "\n" +
               sample::a_training_record(missed).dump() + "\n");
  if (validated.exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(validated.exit_code, 0) << validated.complaints;
}

TEST(Schema, TakesAnEmptyRun) {
  RunFacts run;
  run.version = "0.1.0";
  run.machine.cores.usable = 1;
  const Validated validated = validate(run_line(run).dump() + "\n");
  if (validated.exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(validated.exit_code, 0) << validated.complaints;
}

/// `line` with one required field after the other missing, then of a type no field has, one line each.
std::string broken(const std::string& line) {
  std::string all;
  const auto whole = nlohmann::ordered_json::parse(line);
  const auto beyond_contract = {"rotation_clamp", "reorder_seconds", "check_seconds",
                                "interval",       "implementation",  "peak",
                                "copy_rate",      "notes",           "accuracy"};
  for (const auto& item : whole.items()) {
    auto without = whole;
    without.erase(item.key());
    if (std::ranges::find(beyond_contract, item.key()) == beyond_contract.end()) all += without.dump() + "\n";
    auto mistyped = whole;
    mistyped[item.key()] = true;
    all += mistyped.dump() + "\n";
  }
  return all;
}

TEST(Schema, RefusesATrainingWithAFieldMissingOrMistyped) {
  const auto whole = sample::a_training_record(sample::a_training());
  std::string bad;
  for (const auto& item : whole["train"].items()) {
    auto without = whole, mistyped = whole;
    without["train"].erase(item.key());
    mistyped["train"][item.key()] = item.key() == "reached" ? nlohmann::json(1) : nlohmann::json(true);
    bad += without.dump() + "\n" + mistyped.dump() + "\n";
  }
  const Validated validated = validate(bad);
  if (validated.exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(std::ranges::count(validated.complaints, '\n'), std::ranges::count(bad, '\n'))
      << validated.complaints;
}

TEST(Schema, RefusesEveryFieldMissingOrMistyped) {
  const std::string text = sample::file_text();
  const size_t end = text.rfind("{\"kind\":\"end\"");
  auto few = nlohmann::ordered_json::parse(sample::result_text()), wrong = few, timed = few, zero = few;
  few["seconds"] = {1, 1, 1, 1};
  wrong["check"]["verdict"] = "wrong";
  timed["status"] = "timeout";
  zero["seconds"][0] = 0;
  const std::string bad = broken(text.substr(0, text.find('\n'))) + broken(sample::result_text()) +
                          broken(text.substr(end)) + few.dump() + "\n" + wrong.dump() + "\n" + timed.dump() +
                          "\n" + zero.dump() + "\n[]\n{}\nNaN\n";
  const Validated validated = validate(bad);
  if (validated.exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(validated.exit_code, 1);
  EXPECT_EQ(std::ranges::count(validated.complaints, '\n'), std::ranges::count(bad, '\n'))
      << validated.complaints;
}

}  // namespace
}  // namespace breakeven
