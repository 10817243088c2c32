// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/cli/program.h"

namespace breakeven::cli {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

const Words kSmallRun{"run",         "gemm",      "--shape",   "m17n19k23,b2m8n8k8+bias_relu",
                      "--precision", "fp32,bf16", "--samples", "5",
                      "--device",    "cpu",       "--threads", "1"};

Words plus(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<json> lines(const std::filesystem::path& file) {
  std::vector<json> out;
  std::istringstream in(read(file));
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

TEST(Run, WritesOneWholeFileWithARecordForEveryCaseListed) {
  const TemporaryFolder folder;
  const Outcome o = start(plus(kSmallRun, {"--out", "x.jsonl"}), folder.path());
  ASSERT_EQ(o.exit_code, 0) << o.err << o.out;
  EXPECT_TRUE(o.err.empty()) << o.err;  // quiet when not a terminal
  EXPECT_NE(o.out.find("x.jsonl"), std::string::npos);
  const std::vector<json> all = lines(folder / "x.jsonl");
  EXPECT_EQ(all.front()["kind"], "run");
  EXPECT_EQ(all.back()["kind"], "end");
  EXPECT_EQ(all.size() - 2, all.front()["plan"]["cases"].size());
  for (size_t i = 1; i + 1 < all.size(); ++i) {
    EXPECT_TRUE(all[i]["status"] == "ok" || all[i]["status"] == "skipped") << all[i].dump();
    EXPECT_EQ(all[i]["seconds"].size(), all[i]["status"] == "ok" ? 5u : 0u);
  }
  EXPECT_EQ(start({"verify", "x.jsonl"}, folder.path()).exit_code, 0);
}

TEST(Run, EveryContenderPassesItsCheckOnRaggedShapes) {
  const TemporaryFolder folder;
  const Outcome good =
      start({"run", "gemm", "--shape", "m1n1k1,m1n257k33,m129n1k65,m33n17k65,b3m127n129k131+bias_relu",
             "--samples", "5", "--device", "cpu", "--out", "x.jsonl"},
            folder.path());
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  for (const json& line : lines(folder / "x.jsonl")) {
    if (line["kind"] != "result") continue;
    EXPECT_TRUE(line["status"] == "ok" || line["status"] == "skipped") << line.dump();
  }
}

TEST(Run, WithJsonPutsOneDocumentOnStandardOutput) {
  const TemporaryFolder folder;
  const Outcome o = start(plus(kSmallRun, {"--json", "--kernel", "scalar"}), folder.path());
  ASSERT_EQ(o.exit_code, 0) << o.err;
  const json document = json::parse(o.out);
  EXPECT_EQ(document["results"].size(), 4u);
  EXPECT_TRUE(std::filesystem::exists(folder / document["file"].get<std::string>()));  // the default name
}

TEST(Run, ShowPrintsWhatRunPrinted) {
  const TemporaryFolder folder;
  const Outcome ran = start(plus(kSmallRun, {"--out", "x.jsonl"}), folder.path());
  const Outcome shown = start({"show", "x.jsonl"}, folder.path());
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(ran.out.find(shown.out), std::string::npos);
}

TEST(Run, AnIdFromListCanBeRun) {
  const Outcome listed = start({"list", "cases", "gemm", "--shape", "m64n64k64", "--device", "cpu",
                                "--kernel", "scalar", "--precision", "fp32"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  const std::string id = listed.out.substr(0, listed.out.find('\n'));
  const TemporaryFolder folder;
  const Outcome o = start({"run", id, "--samples", "5", "--json"}, folder.path());
  ASSERT_EQ(o.exit_code, 0) << o.err;
  EXPECT_EQ(json::parse(o.out)["results"][0]["case"], id);
}

TEST(Run, SameSeedSameChecksOtherSeedOtherErrors) {
  const TemporaryFolder folder;
  const auto errors = [&](const std::string& seed) {
    const Outcome o = start({"run", "gemm", "--shape", "m64n64k64", "--precision", "fp32", "--kernel",
                             "scalar", "--samples", "5", "--seed", seed, "--json"},
                            folder.path());
    return json::parse(o.out)["results"][0]["check"]["error"].get<double>();
  };
  EXPECT_EQ(errors("7"), errors("7"));
  EXPECT_NE(errors("7"), errors("8"));
}

TEST(Run, ResumesAFileThatWasCutShort) {
  const TemporaryFolder folder;
  ASSERT_EQ(start(plus(kSmallRun, {"--out", "x.jsonl", "--launches", "2"}), folder.path()).exit_code, 0);
  const std::vector<json> whole = lines(folder / "x.jsonl");
  std::string text = read(folder / "x.jsonl");
  size_t end = 0;
  for (int i = 0; i < 6; ++i) end = text.find('\n', end) + 1;
  write(folder / "x.jsonl", text.substr(0, end + 40));  // five results and a torn line
  EXPECT_EQ(start({"verify", "x.jsonl"}, folder.path()).exit_code, 4);
  EXPECT_EQ(start({"run", "--resume", "x.jsonl"}, folder.path()).exit_code, 0);
  const std::vector<json> resumed = lines(folder / "x.jsonl");
  ASSERT_EQ(resumed.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(resumed[i].value("case", ""), whole[i].value("case", ""));
    EXPECT_EQ(resumed[i].value("launch", -1), whole[i].value("launch", -1));
  }
  EXPECT_EQ(start({"verify", "x.jsonl"}, folder.path()).exit_code, 0);
}

TEST(Run, MeasuresInTwoRegimesAndResumesThem) {
  const TemporaryFolder folder;
  ASSERT_EQ(
      start(plus(kSmallRun, {"--kernel", "scalar", "--regime", "isolated,sustained", "--out", "x.jsonl"}),
            folder.path())
          .exit_code,
      0);
  const std::vector<json> whole = lines(folder / "x.jsonl");
  ASSERT_EQ(whole.size(), 2 + 8u);  // two problems, two precisions, two regimes
  EXPECT_EQ(whole[0]["plan"]["regime"], "isolated");
  for (size_t i = 1; i + 1 < whole.size(); ++i) {
    EXPECT_EQ(whole[i]["regime"], i % 2 == 1 ? "isolated" : "sustained");
    EXPECT_EQ(whole[i]["rotation_bytes"] == 0, whole[i]["regime"] == "isolated");
    EXPECT_NE(whole[i]["repro"].get<std::string>().find("--regime " + whole[i]["regime"].get<std::string>()),
              std::string::npos);
  }
  std::string cut;
  for (size_t i = 0; i < 4; ++i) cut += whole[i].dump() + "\n";  // the second case in one regime of two
  write(folder / "y.jsonl", cut);
  EXPECT_EQ(start({"run", "--resume", "y.jsonl"}, folder.path()).exit_code, 0);
  const std::vector<json> resumed = lines(folder / "y.jsonl");
  ASSERT_EQ(resumed.size(), whole.size());
  for (size_t i = 1; i + 1 < whole.size(); ++i) {
    EXPECT_EQ(resumed[i]["case"], whole[i]["case"]);
    EXPECT_EQ(resumed[i]["regime"], whole[i]["regime"]);
  }
  for (const char* bad : {"sustained,sustained", "sustained,", ",", "isolated;sustained"}) {
    EXPECT_EQ(start(plus(kSmallRun, {"--regime", bad}), folder.path()).exit_code, 2) << bad;
  }
}

TEST(Run, ResumesOnlyWhatWasBegunHere) {
  const TemporaryFolder folder;
  ASSERT_EQ(start(plus(kSmallRun, {"--out", "x.jsonl"}), folder.path()).exit_code, 0);
  std::string text = read(folder / "x.jsonl");
  text = text.substr(0, text.find('\n', text.find('\n') + 1) + 1);  // the run line and one result
  const auto with = [&](const std::string& was, const std::string& is) {
    std::string edited = text;
    const size_t at = edited.find(was);
    EXPECT_NE(at, std::string::npos) << was;
    write(folder / "y.jsonl", edited.replace(at, was.size(), is));
    const int code = start({"run", "--resume", "y.jsonl"}, folder.path()).exit_code;
    EXPECT_EQ(read(folder / "y.jsonl"), edited);  // nothing was written
    return code;
  };
  EXPECT_EQ(with("\"method\":1", "\"method\":2"), 3);
  EXPECT_EQ(with("\"host\":\"", "\"host\":\"other-"), 3);
  EXPECT_EQ(with("gemm/m17n19k23/fp32", "gemm/m0n19k23/fp32"), 2);
}

TEST(Run, AClosedStandardOutputHarmsNoResult) {
  const TemporaryFolder folder;
  const std::string program = std::getenv("BREAKEVEN");
  const std::string command =
      "cd " + folder.path().string() + " && " + program +
      " run gemm --shape m8n8k8 --precision fp32 --kernel scalar --samples 5 --out x.jsonl <&- >&- 2>&-";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(start({"verify", "x.jsonl"}, folder.path()).exit_code, 0);
}

TEST(Run, ACaseBeyondMemoryIsSkippedBeforeAnythingIsAllocated) {
  const TemporaryFolder folder;
  const Outcome o = start({"run", "gemm", "--shape", "m1000000n1000000k1000", "--precision", "fp64",
                           "--kernel", "simd_threads", "--json", "--device", "cpu"},
                          folder.path());
  EXPECT_EQ(o.exit_code, 4) << o.err;  // nothing was measured
  const json document = json::parse(o.out);
  for (const json& r : document["results"]) {
    EXPECT_EQ(r["status"], "skipped");
    EXPECT_NE(r["reason"].get<std::string>().find("GiB"), std::string::npos);
  }
}

TEST(Run, ATimeoutIsOneCaseAndExitOne) {
  const TemporaryFolder folder;
  const Outcome o =
      start({"run", "gemm", "--shape", "m8n8k8,m4096n4096k4096", "--precision", "fp32", "--kernel", "simd",
             "--timeout", "10", "--preset", "full", "--threads", "1", "--samples", "2000", "--json"},
            folder.path());
  EXPECT_EQ(o.exit_code, 1) << o.err;
  const json results = json::parse(o.out)["results"];
  EXPECT_EQ(results[0]["status"], "ok");
  EXPECT_EQ(results[1]["status"], "timeout");
}

TEST(Help, NamesEveryVerbAndItsOptions) {
  const Outcome o = start({"--help"});
  EXPECT_EQ(o.exit_code, 0);
  for (const char* verb : {"list", "doctor", "run", "show", "verify", "export"}) {
    EXPECT_NE(o.out.find(verb), std::string::npos) << verb;
    EXPECT_EQ(start({verb, "--help"}).exit_code, 0);
  }
  EXPECT_EQ(o.out.find("worker"), std::string::npos);
  EXPECT_NE(start({"--version"}).out.find("breakeven "), std::string::npos);
}

TEST(List, EveryListIsAlsoJson) {
  for (const char* what : {"suites", "cases", "kernels", "devices", "presets"}) {
    const Outcome o = start({"list", what, "--json"});
    EXPECT_EQ(o.exit_code, 0) << o.err;
    EXPECT_FALSE(json::parse(o.out).empty()) << what;
  }
  EXPECT_FALSE(json::parse(start({"doctor", "--json"}).out)["findings"].empty());
}

}  // namespace
}  // namespace breakeven::cli
