// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "results/bounds.h"
#include "results/result_file.h"
#include "results/sample_run.h"

// Files that no run wrote. Each is answered with one printable sentence that names the file.

namespace breakeven {
namespace {

std::string repeat(std::string_view part, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += part;
  return all;
}

struct Hostile {
  const char* name;
  std::string text;
  const char* part;  // of the sentence
};

std::vector<Hostile> corpus() {
  const std::string text = sample::file_text(), run = text.substr(0, text.find('\n') + 1);
  const size_t end = text.rfind("{\"kind\":\"end\"");
  const std::string result = sample::result_text() + "\n";
  const auto edited = [&](std::string_view from, std::string_view to) {
    std::string line = result;
    return run + line.replace(line.find(from), from.size(), to);
  };
  return {
      {"empty", "", "is empty"},
      {"binary",
       std::string("\x7f"
                   "ELF\x02\x01\x01\0\0\0",
                   10),
       "no result file: it begins with"},
      {"only a newline", "\n", "no result file: it begins with"},
      {"end line alone", text.substr(end), "not a run line"},
      {"result line alone", result, "not a run line"},
      {"torn run line", run.substr(0, run.size() / 2), "no whole run line"},
      {"run line of zeros", "{\"kind\":\"run\"}\n", "the field 'schema' is missing"},
      {"two runs", run + result + run, "line 3: a second run line"},
      {"after the end", text + result, "line 6: stands after the end line"},
      {"blank line", run + "\n" + result, "line 2: it ends in the middle"},
      {"array", run + "[]\n" + result, "line 2: not a JSON object"},
      {"no kind", run + "{\"kind\":7}\n", "line 2: without a 'kind'"},
      {"deep arrays", repeat("[", 100'000), "no result file"},
      {"deep objects", run + repeat("{\"a\":", 100'000), "line 2: nested deeper than 32 levels"},
      {"deep and closed",
       run + "{\"kind\":\"result\",\"a\":" + repeat("[", 100'000) + repeat("]", 100'000) + "}\n",
       "line 2: nested deeper than 32 levels"},
      {"deep run line", repeat("{\"a\":", 100'000) + "1" + repeat("}", 100'000) + "\n",
       "line 1: nested deeper"},
      {"NaN", edited("1.5e-05", "NaN"), "line 2: it is not JSON at byte"},
      {"Infinity", edited("1.5e-05", "-Infinity"), "line 2: it is not JSON at byte"},
      {"1e999", edited("1.5e-05", "1e999"), "line 2: a number too large to be finite"},
      {"invalid UTF-8", edited("plain loops", "plain \xff loops"), "line 2: it is not JSON at byte"},
      {"escape sequence", edited("plain loops", "\x1b]0;owned\x07"), "line 2: it is not JSON at byte"},
      {"escaped escape sequence", edited("\"sustained\"", "\"\\u001b[31m\\u009b\\n\""), "'regime' is"},
      {"many values", run + "{\"kind\":\"x\",\"a\":[" + repeat("0,", kMaxLineValues) + "0]}\n",
       "more values than"},
      {"many samples", edited("1.5e-05", "1" + repeat(",1", kMaxSamples)), "not at most 200000 samples"},
      {"long line", run + std::string(kMaxLineBytes + 1, ' '), "line 2: longer than 16777216 bytes"},
      {"long token", run + "{\"kind\":\"" + std::string(1 << 20, 'x') + "\x01\"}\n",
       "line 2: it is not JSON at byte"},
  };
}

TEST(HostileFile, IsRefusedInOnePrintableSentence) {
  for (const Hostile& file : corpus()) {
    const std::string said = sample::refusal(file.text);
    EXPECT_NE(said.find(file.part), std::string::npos) << file.name << ": " << said;
    EXPECT_NE(said.find("a.jsonl"), std::string::npos) << file.name << ": " << said;
    EXPECT_LT(said.size(), 500u) << file.name;
    EXPECT_TRUE(std::ranges::all_of(said, [](char c) { return c >= ' ' && c <= '~'; }))
        << file.name << ": " << said;
  }
}

TEST(HostileFile, NestedAsDeepAsAllowedIsRead) {
  const std::string text = sample::file_text(), run = text.substr(0, text.find('\n') + 1);
  const auto nested = [&](size_t levels) {  // the line itself is one level
    return run + "{\"kind\":\"x\",\"a\":" + repeat("[", levels - 1) + repeat("]", levels - 1) + "}\n";
  };
  EXPECT_EQ(sample::refusal(nested(kMaxDepth)), "");
  EXPECT_NE(sample::refusal(nested(kMaxDepth + 1)), "");
}

// A plan of many cases is a long array of objects; a parser that looks through it after each would need
// minutes.
TEST(HostileFile, ALongArrayOfObjectsIsRead) {
  const std::string text = sample::file_text(), run = text.substr(0, text.find('\n') + 1);
  EXPECT_EQ(sample::refusal(run + "{\"kind\":\"x\",\"a\":[" + repeat("{\"a\":1},", 600'000) + "{}]}\n"), "");
}

std::string refusal_of(const std::filesystem::path& path) {
  std::string why;
  try {
    verify(path, &why);
  } catch (const UsageError& error) {
    EXPECT_THROW(read_result_file(path), UsageError);
    return error.what();
  }
  return "";
}

TEST(HostileFile, OversizedIsRefusedUnread) {
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  std::filesystem::resize_file(folder / "a.jsonl", 300 << 20);  // sparse
  EXPECT_NE(refusal_of(folder / "a.jsonl").find("314572800 bytes"), std::string::npos);
}

TEST(HostileFile, ThatIsNoFileIsNamed) {
  const sample::Folder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_NE(refusal_of(folder / ".").find("is a directory"), std::string::npos);
  EXPECT_NE(refusal_of(folder / "pipe").find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal_of("/dev/zero").find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal_of(folder / "no\nne").find("no\\nne\": No such file"), std::string::npos);
}

TEST(HostileFile, UnreadableIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser reads everything";
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  chmod((folder / "a.jsonl").c_str(), 0);
  EXPECT_NE(refusal_of(folder / "a.jsonl").find("Permission denied"), std::string::npos);
}

TEST(HostileFile, ZerosOfALostBlockAreATornLine) {
  const std::string text = sample::file_text(), run = text.substr(0, text.find('\n') + 1);
  const std::string lost(100, '\0');
  EXPECT_EQ(sample::refusal(run + lost), "");
  EXPECT_EQ(sample::refusal(run + lost + "\"repro\":\"\"}\n"), "");
  EXPECT_NE(sample::refusal(run + lost + "\n" + sample::result_text() + "\n"), "");  // not the last line
}

}  // namespace
}  // namespace breakeven
