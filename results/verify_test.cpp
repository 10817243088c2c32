// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "harness/usage_error.h"
#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

/// What verify says; nothing when it says that this is no result file.
std::optional<Integrity> judged(const std::filesystem::path& path, std::string* why) {
  try {
    return verify(path, why);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

void expect(const std::string& text, Integrity expected, const std::string& word) {
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", text);
  std::string why;
  EXPECT_EQ(judged(folder / "a.jsonl", &why), expected) << why;
  EXPECT_NE(why.find(word), std::string::npos) << why;
}

TEST(Verify, SaysWholeOfWhatWasWritten) {
  expect(sample::file_text(), Integrity::whole, "3 results as they were written");
}

// Both change one file in place: a file system that writes out every replaced file would make minutes of
// them.

TEST(Verify, SeesEveryFlippedByte) {
  const sample::Folder folder;
  const std::string& text = sample::file_text();
  sample::spill(folder / "a.jsonl", text);
  std::fstream file(folder / "a.jsonl", std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](size_t at, unsigned byte) {
    file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(byte)).flush();
  };
  std::string why;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    for (const unsigned mask : {0x01u, 0x02u, 0x04u, 0x08u, 0x10u, 0x20u, 0x40u, 0x80u, 0xFFu}) {
      put(i, byte ^ mask);
      ASSERT_NE(judged(folder / "a.jsonl", &why), Integrity::whole) << "byte " << i << " mask " << mask;
    }
    put(i, byte);
  }
  EXPECT_EQ(judged(folder / "a.jsonl", &why), Integrity::whole) << why;
}

TEST(Verify, SeesEveryTruncation) {
  const sample::Folder folder;
  const std::string& text = sample::file_text();
  const size_t first = text.find('\n') + 1;
  sample::spill(folder / "a.jsonl", text);
  std::string why;
  for (size_t length = text.size(); length-- > 0;) {
    std::filesystem::resize_file(folder / "a.jsonl", length);
    const std::optional<Integrity> found = judged(folder / "a.jsonl", &why);
    ASSERT_EQ(found, length < first ? std::nullopt : std::optional(Integrity::cut_short)) << length << why;
  }
}

TEST(Verify, SeesLinesAddedRemovedAndMoved) {
  const std::string text = sample::file_text();
  const size_t first = text.find('\n') + 1, second = text.find('\n', first) + 1,
               third = text.find('\n', second) + 1;
  const size_t end = text.rfind("{\"kind\":\"end\"");
  const std::string a = text.substr(first, second - first), b = text.substr(second, third - second);
  expect(text + "\n", Integrity::altered, "");
  expect(text + "{", Integrity::altered, "goes on after its end line");
  expect(text + a, Integrity::altered, "goes on after its end line");
  expect(text.substr(0, first) + text.substr(second), Integrity::altered,
         "holds 2 results, and its end line says 3");
  expect(text.substr(0, first) + b + a + text.substr(third), Integrity::altered, "SHA-256");
  expect(text.substr(0, end), Integrity::cut_short, "3 results and no end line");
  expect(text.substr(0, end) + "{\"kind\":", Integrity::cut_short, "torn last line");
  expect(text.substr(0, end) + "{\"kind\":\"end\",\"results\":\"3\"}\n", Integrity::altered,
         "'results' is \"3\"");
}

TEST(Verify, SeesConvertedLineEnds) {
  std::string text;
  for (const char c : sample::file_text()) text += c == '\n' ? "\r\n" : std::string(1, c);
  expect(text, Integrity::altered, "SHA-256");
}

TEST(Verify, IgnoresKindsOfLaterVersionsWhenTheyWereThere) {
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  std::string text = sample::slurp(folder / "a.jsonl");
  text.insert(text.find('\n') + 1, "{\"kind\":\"comment\"}\n");
  expect(text, Integrity::altered, "SHA-256");  // but not a wrong count
}

}  // namespace
}  // namespace breakeven
