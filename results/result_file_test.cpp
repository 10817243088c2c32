// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/result_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

/// The sample's good result line with one field replaced (dropped for `nullopt`), after its run line.
std::string with(const std::string& pointer, const std::optional<nlohmann::json>& value) {
  nlohmann::json line = nlohmann::json::parse(sample::result_text());
  const nlohmann::json::json_pointer where(pointer);
  if (value) line[where] = *value;
  if (!value) line[where.parent_pointer()].erase(where.back());
  const std::string text = sample::file_text();
  return text.substr(0, text.find('\n') + 1) + line.dump() + "\n";
}

void expect_refused(const std::string& text, const std::string& part) {
  const std::string said = sample::refusal(text);
  EXPECT_NE(said.find(part), std::string::npos) << "said: " << said << "\nexpected: " << part;
}

TEST(ResultFile, ReadsWhatTheJournalWrote) {
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  const ResultFile file = read_result_file(folder / "a.jsonl");
  EXPECT_EQ(file.path, folder / "a.jsonl");
  EXPECT_EQ(file.run["tool"]["git"], "591d76c");
  EXPECT_TRUE(file.ended);
  EXPECT_FALSE(file.torn);
  ASSERT_EQ(file.records.size(), 3u);
  EXPECT_EQ(file.records[1].status, Status::skipped);
  EXPECT_EQ(file.records[1].reason, "no such unit");
  EXPECT_EQ(file.records[2].reason, "off by \"\x1b[31m\uFFFD\n");  // what was not UTF-8 is replaced
  EXPECT_EQ(file.records[2].raw["check"]["error"], nullptr);
}

TEST(ResultFile, KeepsExactlyTheWholeLinesOfATruncatedFile) {
  const std::string text = sample::file_text();
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", text);
  for (size_t length = text.size() + 1; length-- > 0;) {
    const std::string part = text.substr(0, length);
    const auto lines = static_cast<size_t>(std::ranges::count(part, '\n'));
    std::filesystem::resize_file(folder / "a.jsonl", length);
    if (lines == 0) {
      EXPECT_THROW(read_result_file(folder / "a.jsonl"), UsageError) << length;
      continue;
    }
    const ResultFile file = read_result_file(folder / "a.jsonl");
    ASSERT_EQ(file.records.size(), std::min<size_t>(lines - 1, 3)) << length;
    ASSERT_EQ(file.torn, !part.ends_with('\n')) << length;
    ASSERT_EQ(file.ended, length == text.size()) << length;
  }
}

TEST(ResultFile, WantsEveryFieldOfTheContract) {
  for (const char* name : {"case",
                           "suite",
                           "problem",
                           "device",
                           "kernel",
                           "regime",
                           "threads",
                           "launch",
                           "round",
                           "slot",
                           "started",
                           "flops",
                           "bytes",
                           "seconds",
                           "batch",
                           "rotation_bytes",
                           "first_call_seconds",
                           "setup_seconds",
                           "warmup_seconds",
                           "stop",
                           "check",
                           "telemetry",
                           "status",
                           "reason",
                           "repro"}) {
    expect_refused(with(std::string("/") + name, std::nullopt),
                   std::string("the field '") + name + "' is missing");
    const bool number_expected = std::string_view("batch") == name;
    expect_refused(
        with(std::string("/") + name, number_expected ? nlohmann::json("4") : nlohmann::json(true)),
        std::string("'") + name + "' is ");
  }
}

TEST(ResultFile, RefusesFieldsOfTheWrongType) {
  expect_refused(with("/threads", -1), "'threads' is -1, not a whole number of at least 0");
  expect_refused(with("/threads", 1.5), "'threads' is 1.5, not a whole number");
  expect_refused(with("/launch", UINT64_MAX), "'launch' is 18446744073709551615, not");
  expect_refused(with("/batch", 0), "'batch' is 0, not a whole number of at least 1");
  expect_refused(with("/round", "1"), "'round' is \"1\", not");
  expect_refused(with("/flops", -1), "'flops' is -1, not a number of at least 0");
  expect_refused(with("/status", "fine"), "'status' is \"fine\", not one of ok, skipped");
  expect_refused(with("/regime", "warm"), "'regime' is \"warm\", not sustained or isolated");
  expect_refused(with("/case", "gemm"), "not of the form");
  expect_refused(with("/suite", "conv"), "'suite' is \"conv\", not 'gemm' as in 'case'");
  expect_refused(with("/kernel", "simd"), "'kernel' is \"simd\", not 'plain' as in 'case'");
  expect_refused(with("/check/verdict", "maybe"), "'check.verdict' is \"maybe\", not ok or wrong");
  expect_refused(with("/check/verdict", "wrong"),
                 "'status' is \"ok\", not possible with a check that says wrong");
  expect_refused(with("/telemetry/throttled", 1), "'telemetry.throttled' is 1, not true, false or null");
  expect_refused(with("/telemetry/power_watts", "9"),
                 "'telemetry.power_watts' is \"9\", not a number or null");
  expect_refused(with("/problem/op", nullptr), "'problem.op' is null, not a text");
  expect_refused(with("/notes", nlohmann::json::array({1})), "'notes' holds 1, not a text");
  expect_refused(with("/peak/flops_per_second", "1"), "'peak.flops_per_second' is \"1\"");
  expect_refused(with("/reason", nlohmann::json::array()), "'reason' is an array of 0, not a text");
}

TEST(ResultFile, RefusesSecondsThatCannotBe) {
  expect_refused(with("/seconds/3", 0), "line 2: 'seconds[3]' is 0, not a number above 0");
  expect_refused(with("/seconds/0", -1.5), "'seconds[0]' is -1.5, not");
  expect_refused(with("/seconds/5", nullptr), "'seconds[5]' is null, not");
  expect_refused(with("/seconds/5", "1"), "'seconds[5]' is string, not");
  expect_refused(with("/seconds", nlohmann::json{1, 1, 1, 1}), "at least 5 samples");
  expect_refused(with("/status", "failed"),
                 "'seconds' is an array of 6, not empty, as status failed demands");
  std::string infinite = with("/seconds/0", 7);
  infinite.replace(infinite.find("[7,"), 3, "[1e999,");
  expect_refused(infinite, "line 2: a number too large to be finite");
}

TEST(ResultFile, LetsTrainingsAndTheEmulatorHaveFewerSamples) {
  nlohmann::json line = nlohmann::json::parse(sample::result_text());
  line["case"] = "train/net/fp32/cpu.plain", line["suite"] = "train", line["seconds"] = {12.5};
  nlohmann::json emulated = nlohmann::json::parse(sample::result_text());
  emulated["device"] = "emu", emulated["seconds"] = nlohmann::json::array();
  const std::string text = sample::file_text();
  EXPECT_EQ(
      sample::refusal(text.substr(0, text.find('\n') + 1) + line.dump() + "\n" + emulated.dump() + "\n"), "");
}

TEST(ResultFile, IgnoresWhatItDoesNotKnow) {
  const std::string text = sample::file_text(), run = text.substr(0, text.find('\n') + 1);
  EXPECT_EQ(sample::refusal(with("/loss_curve", nlohmann::json{1, 2, 3})), "");
  EXPECT_EQ(sample::refusal(run + "{\"kind\":\"weather\",\"x\":[1]}\n"), "");
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", with("/peak", nullptr));
  EXPECT_EQ(read_result_file(folder / "a.jsonl").records.at(0).peak_flops, 0);
}

TEST(ResultFile, ReadsLinesEndedByCrLf) {
  std::string text;
  for (const char c : sample::file_text()) text += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(sample::refusal(text), "");
}

TEST(ResultFile, TakesTheLastOfDuplicateKeys) {
  std::string text = with("/launch", 3);
  text.insert(text.rfind('}'), ",\"launch\":5");
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", text);
  EXPECT_EQ(read_result_file(folder / "a.jsonl").records.at(0).launch, 5);
}

TEST(ResultFile, SaysWhichVersionItReads) {
  std::string text = sample::file_text();
  text.replace(text.find("\"schema\":1"), 10, "\"schema\":2");
  expect_refused(text, "'schema' is 2, not 1, the only version this program reads");
  std::string why;
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", text);
  EXPECT_THROW(verify(folder / "a.jsonl", &why), UsageError);
}

TEST(ResultFile, WantsARunLineThatSaysWhoMeasured) {
  const std::string text = sample::file_text();
  const nlohmann::json run = nlohmann::json::parse(text.substr(0, text.find('\n')));
  for (const char* pointer : {"/schema",
                              "/method",
                              "/id",
                              "/started",
                              "/tool",
                              "/tool/version",
                              "/tool/git",
                              "/argv",
                              "/machine",
                              "/machine/cpu",
                              "/machine/cpu/model",
                              "/machine/cpu/cores",
                              "/machine/cpu/isa",
                              "/machine/memory_bytes",
                              "/machine/os",
                              "/machine/boot_id",
                              "/machine/devices",
                              "/machine/devices/0/id",
                              "/machine/devices/0/name",
                              "/libraries",
                              "/instance",
                              "/plan",
                              "/plan/selectors",
                              "/plan/seed",
                              "/plan/regime",
                              "/plan/timeout"}) {
    nlohmann::json bad = run;
    bad[nlohmann::json::json_pointer(pointer)] = true;
    expect_refused(bad.dump() + "\n", "' is true, not ");
  }
  for (const auto& item : run.items()) {
    nlohmann::json bad = run;
    bad.erase(item.key());
    EXPECT_NE(sample::refusal(bad.dump() + "\n"), "") << item.key();
  }
}

}  // namespace
}  // namespace breakeven
