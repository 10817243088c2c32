// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/program.h"

namespace breakeven::cli {
namespace {

using Words = std::vector<std::string>;

/// One sentence on standard error, nothing on standard output, the exit code of the contract.
void expect_refused(const Words& arguments, int exit_code, const Words& said,
                    const std::filesystem::path& folder) {
  const Outcome o = start(arguments, folder);
  EXPECT_EQ(o.exit_code, exit_code) << o.err;
  EXPECT_TRUE(o.out.empty()) << o.out;
  EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
  EXPECT_TRUE(o.err.starts_with("breakeven: ")) << o.err;
  EXPECT_LT(o.err.size(), 500u) << o.err;
  for (const std::string& words : said)
    EXPECT_NE(o.err.find(words), std::string::npos) << o.err << " lacks " << words;
}

struct BadCommand {
  Words arguments;
  Words said;
};

struct BadCommandLine : testing::TestWithParam<BadCommand> {};

TEST_P(BadCommandLine, IsRefusedWithOneSentenceAndCodeTwoAndLeavesNothing) {
  const TemporaryFolder folder;
  expect_refused(GetParam().arguments, 2, GetParam().said, folder.path());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

const BadCommand kBadCommands[] = {
    {{}, {"--help"}},
    {{"rnu"}, {"rnu", "'run'"}},
    {{"run", "--no-such-option"}, {"--no-such-option"}},
    {{"run", "gem"}, {"'gem'", "'gemm'"}},
    {{"run", "gemm", "--kernel", "simd_thraeds"}, {"simd_thraeds", "'simd_threads'"}},
    {{"run", "gemm", "--precision", "fp23"}, {"fp23", "fp32"}},
    {{"run", "gemm", "--preset", "quik"}, {"quik", "'quick'"}},
    {{"run", "gemm", "--device", "tpu"}, {"tpu", "cuda"}},
    {{"run", "gemm", "--regime", "hot"}, {"hot", "sustained"}},
    {{"run", "gemm", "--shape", "m0n1k1"}, {"m=0"}},
    {{"run", "gemm", "--shape", "m-1n1k1"}, {"m=-1"}},
    {{"run", "gemm", "--shape", "m1n1"}, {"k"}},
    {{"run", "gemm", "--shape", "m1n1kX"}, {"kX", "k"}},
    {{"run", "gemm", "--shape", "m99999999999999999999n1k1"}, {"m=99999999999999999999"}},
    {{"run", "gemm", "--shape", "m16777216n16777216k1"}, {"2^40"}},
    {{"run", "gemm", "--shape", "m1n1k1+gelu"}, {"+gelu"}},
    {{"run", "--shape", "m1n1k1"}, {"--shape", "suite"}},
    {{"run", "gemm/no*such"}, {"gemm/no*such"}},
    {{"run", "gemm", "--threads", "0"}, {"--threads"}},
    {{"run", "gemm", "--threads", "-3"}, {"--threads"}},
    {{"run", "gemm", "--threads", "many"}, {"--threads"}},
    {{"run", "gemm", "--samples", "4"}, {"--samples", "5"}},
    {{"run", "gemm", "--launches", "0"}, {"--launches"}},
    {{"run", "gemm", "--seed", "-1"}, {"--seed"}},
    {{"run", "gemm", "--seed", "18446744073709551616"}, {"--seed", "2^64-1"}},
    {{"run", "gemm", "--out", ""}, {"--out"}},
    {{"run", "--resume", ""}, {"--resume"}},
    {{"run", "--resume", "x.jsonl", "--seed", "4"}, {"--seed"}},
    {{"run", "gemm", "--timeout", "0"}, {"--timeout"}},
    {{"run", "gemm", "--timeout", "nan"}, {"--timeout"}},
    {{"run", "gemm", "--instance", "aws"}, {"aws", "PROVIDER:TYPE"}},
    {{"run", "missing.toml"}, {"missing.toml"}},
    {{"run", "--resume", "missing.jsonl"}, {"missing.jsonl"}},
    {{"run", "gemm", "--out", "/no/such\nfolder/x.jsonl", "--resume", "y"}, {"--resume"}},
    {{"list"}, {"what"}},
    {{"list", "casse"}, {"casse", "'cases'"}},
    {{"show"}, {"file"}},
    {{"show", "missing.jsonl"}, {"missing.jsonl"}},
    {{"verify", "missing.jsonl"}, {"missing.jsonl"}},
    {{"export", "missing.jsonl", "--format", "csv"}, {"missing.jsonl"}},
    {{"export", "missing.jsonl", "--format", "gbnch"}, {"gbnch", "gbench"}},
    {{"worker"}, {"worker"}},
};

INSTANTIATE_TEST_SUITE_P(All, BadCommandLine, testing::ValuesIn(kBadCommands), [](const auto& info) {
  std::string name = std::to_string(info.index);
  for (const std::string& word : info.param.arguments) name += "_" + word;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

struct BadFile : testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(BadFile, IsNoResultFileForAnyVerb) {
  const TemporaryFolder folder;
  write(folder / "bad.jsonl", GetParam().second);
  for (const Words& verb :
       {Words{"show"}, Words{"verify"}, Words{"export", "--format", "csv"}, Words{"run", "--resume"}}) {
    Words arguments = verb;
    arguments.push_back("bad.jsonl");
    expect_refused(arguments, 2, {"bad.jsonl"}, folder.path());
  }
  EXPECT_EQ(read(folder / "bad.jsonl"), GetParam().second);  // nothing was changed
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFile,
    testing::Values(std::pair("Empty", std::string()), std::pair("NoJson", std::string("hello\n")),
                    std::pair("Deep", std::string(100000, '[') + std::string(100000, ']') + "\n"),
                    std::pair("TornRunLine", std::string("{\"kind\":\"run\",\"schema\":1")),
                    std::pair("NoRunLine", std::string("{\"kind\":\"end\",\"results\":0}\n")),
                    std::pair("OtherSchema", std::string("{\"kind\":\"run\",\"schema\":99}\n")),
                    std::pair("Binary", std::string("\x7f"
                                                    "ELF\0\0\x01\x02",
                                                    8))),
    [](const auto& info) { return info.param.first; });

TEST(BadOutput, IsFoundBeforeAnythingIsMeasured) {
  const TemporaryFolder folder;
  const Words quick{"run", "gemm", "--shape", "m8n8k8", "--precision", "fp32", "--kernel", "scalar"};
  const auto with = [&](const std::string& out) {
    Words words = quick;
    words.insert(words.end(), {"--out", out});
    return words;
  };
  expect_refused(with("/proc/no/x.jsonl"), 2, {"/proc/no"}, folder.path());
  expect_refused(with(folder.path().string()), 2, {folder.path().string()}, folder.path());
  write(folder / "there.jsonl", "precious\n");
  expect_refused(with("there.jsonl"), 2, {"there.jsonl"}, folder.path());
  EXPECT_EQ(read(folder / "there.jsonl"), "precious\n");
}

TEST(NoGpu, AskedForByNameIsCodeFourWithTheReason) {
  const Outcome devices = start({"list", "devices", "--json"});
  ASSERT_EQ(devices.exit_code, 0) << devices.err;
  if (devices.out.find("cuda:0") != std::string::npos) GTEST_SKIP() << "this machine has a GPU";
  const TemporaryFolder folder;
  expect_refused({"run", "gemm", "--device", "cuda"}, 4, {"cuda"}, folder.path());
  expect_refused({"run", "gemm", "--device", "cuda:7"}, 4, {"cuda:7"}, folder.path());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(BadShapeFile, IsRefusedWithLineAndKey) {
  const TemporaryFolder folder;
  write(folder / "my.toml",
        "suite = \"gemm\"\n[[problems]]\nname = \"x\"\nprecisions = [\"fp32\"]\nshapes = [\"m0n1k1\"]\n");
  expect_refused({"run", "my.toml"}, 2, {"my.toml", "5", "shapes"}, folder.path());
  write(folder / "my.toml",
        "suite = \"gemm\"\n[[problems]]\nname = \"x\"\nprecision = [\"fp32\"]\nshapes = [\"m1n1k1\"]\n");
  expect_refused({"run", "my.toml"}, 2, {"my.toml", "4", "precision"}, folder.path());
}

}  // namespace
}  // namespace breakeven::cli
