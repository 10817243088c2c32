// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "results/digest.h"
#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

template <class F>
std::string complaint(const F& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}
#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Journal, WritesWholeLinesAndSealsThem) {
  const std::string text = sample::file_text();
  const size_t end = text.rfind("{\"kind\":\"end\"");
  ASSERT_NE(end, std::string::npos);
  Sha256 hash;
  hash.update(text.substr(0, end));
  EXPECT_EQ(text.substr(end), "{\"kind\":\"end\",\"results\":3,\"sha256\":\"" + hash.hex() + "\"}\n");
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST(Journal, DigestIsSha256) {  // FIPS 180-2, appendix B.1
  Sha256 hash;
  hash.update("a");
  hash.update("bc");
  EXPECT_EQ(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Journal, LinesAreOnDiskBeforeTheCallReturns) {
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  EXPECT_EQ(read_result_file(folder / "a.jsonl").records.size(), 0u);
  journal.append(sample::a_record(sample::a_result()));
  const ResultFile file = read_result_file(folder / "a.jsonl");
  EXPECT_EQ(file.records.size(), 1u);
  EXPECT_FALSE(file.ended || file.torn);
}

TEST(Journal, MakesFoldersAndTakesAnEmptyFile) {
  const sample::Folder folder;
  EXPECT_NO_THROW(Journal::create(folder / "x/y/a.jsonl", run_line(sample::a_run())));
  sample::spill(folder / "empty.jsonl", "");
  EXPECT_NO_THROW(Journal::create(folder / "empty.jsonl", run_line(sample::a_run())));
}

TEST(Journal, NeverOverwrites) {
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", "something");
  EXPECT_SAYS(complaint([&] { Journal::create(folder / "a.jsonl", run_line(sample::a_run())); }),
              "never overwritten");
  EXPECT_EQ(sample::slurp(folder / "a.jsonl"), "something");
}

TEST(Journal, SaysWhyItCannotWrite) {
  const sample::Folder folder;
  const auto create = [&](const std::filesystem::path& path) {
    return complaint([&] { Journal::create(path, run_line(sample::a_run())); });
  };
  sample::spill(folder / "file", "");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_SAYS(create(folder / "."), "Is a directory");
  EXPECT_SAYS(create(folder / "file/a.jsonl"), "its folder cannot be made: Not a directory");
  EXPECT_SAYS(create(folder / "pipe"), "not a regular file");
  EXPECT_SAYS(create("/dev/null"), "not a regular file");
  EXPECT_SAYS(create("/proc/a.jsonl"), "cannot write \"/proc/a.jsonl\"");
  EXPECT_SAYS(create(folder / "a\x1b[31m\nb/../file/c"), "\\x1b[31m\\nb");
}

TEST(Journal, IsHeldByOneRunAtATime) {
  const sample::Folder folder;
  const Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  EXPECT_SAYS(complaint([&] { Journal::reopen(folder / "a.jsonl"); }), "another run is writing it");
}

TEST(Journal, GoesOnAfterATornLine) {
  const sample::Folder folder;
  const std::filesystem::path path = folder / "a.jsonl";
  const std::string text = sample::file_text();
  const size_t end = text.rfind("{\"kind\":\"end\"");
  sample::spill(path, text.substr(0, end) + "{\"kind\":\"result\",\"case\":\"gem");
  {
    Journal journal = Journal::reopen(path);
    EXPECT_EQ(sample::slurp(path), text.substr(0, end));
    journal.append(sample::a_record(sample::a_result()));
    journal.finish();
  }
  std::string why;
  EXPECT_EQ(verify(path, &why), Integrity::whole) << why;
  EXPECT_EQ(read_result_file(path).records.size(), 4u);
}

TEST(Journal, GoesOnAfterAnEndLine) {
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  const std::string before = sample::slurp(folder / "a.jsonl");
  Journal::reopen(folder / "a.jsonl").finish();
  EXPECT_EQ(sample::slurp(folder / "a.jsonl"), before);
}

TEST(Journal, DoesNotGoOnWithWhatWasAlteredOrIsNoResultFile) {
  const sample::Folder folder;
  std::string text = sample::file_text();
  text.replace(text.find("1.5e-05"), 7, "0.5e-05");
  sample::spill(folder / "a.jsonl", text);
  EXPECT_SAYS(complaint([&] { Journal::reopen(folder / "a.jsonl"); }), "altered");
  EXPECT_EQ(sample::slurp(folder / "a.jsonl"), text);
  sample::spill(folder / "b.jsonl", "");
  EXPECT_SAYS(complaint([&] { Journal::reopen(folder / "b.jsonl"); }), "is empty");
  EXPECT_SAYS(complaint([&] { Journal::reopen(folder / "none"); }), "No such file");
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

/// Files cannot grow beyond a size, while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(Journal, StaysValidWhenNoMoreFits) {
  const sample::Folder folder;
  const std::filesystem::path path = folder / "a.jsonl";
  Journal journal = Journal::create(path, run_line(sample::a_run()));
  journal.append(sample::a_record(sample::a_result()));
  const std::string before = sample::slurp(path);
  {
    const FileSizeLimit limit(before.size() + 100);  // the next line begins to fit
    EXPECT_SAYS(complaint([&] { journal.append(sample::a_record(sample::a_result())); }), "File too large");
    EXPECT_EQ(sample::slurp(path), before);
  }
  journal.append(sample::a_record(sample::a_result()));
  journal.finish();
  std::string why;
  EXPECT_EQ(verify(path, &why), Integrity::whole) << why;
}

TEST(Journal, LeavesNothingWhenTheRunLineDoesNotFit) {
  const sample::Folder folder;
  const FileSizeLimit limit(100);
  EXPECT_SAYS(complaint([&] { Journal::create(folder / "a.jsonl", run_line(sample::a_run())); }),
              "File too large");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.jsonl"));
}

TEST(Journal, NeverWritesALineThatNoReaderTakes) {
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  Result result = sample::a_result();
  result.seconds.assign(1'000'000, 1.0 / 3e5);
  EXPECT_SAYS(complaint([&] { journal.append(sample::a_record(result)); }), "fewer samples");
  EXPECT_FALSE(read_result_file(folder / "a.jsonl").torn);
}

}  // namespace
}  // namespace breakeven
