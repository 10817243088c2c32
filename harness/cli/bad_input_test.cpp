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
    {{"parity", "--steps", "0"}, {"--steps 0", "1 and"}},
    {{"parity", "--batch", "-3"}, {"--batch -3", "1 and"}},
    {{"parity", "train/no-such-workload/fp32/cpu.onednn"}, {"no case matches"}},
    {{"parity", "--results", "no-such-file.jsonl"}, {"no-such-file.jsonl"}},
    {{"run", "gemm", "--regime", "hot"}, {"hot", "sustained"}},
    {{"run", "gemm", "--shape", "m0n1k1"}, {"m=0"}},
    {{"run", "gemm", "--shape", "m-1n1k1"}, {"m=-1"}},
    {{"run", "gemm", "--shape", "m1n1"}, {"k"}},
    {{"run", "gemm", "--shape", "m1n1kX"}, {"kX", "k"}},
    {{"run", "gemm", "--shape", "m99999999999999999999n1k1"}, {"m=99999999999999999999"}},
    {{"run", "gemm", "--shape", "m16777216n16777216k1"}, {"2^40"}},
    {{"run", "gemm", "--shape", "m1n1k1+gelu"}, {"+gelu"}},
    {{"run", "--shape", "m1n1k1"}, {"--shape", "suite"}},
    {{"run", "gemm", "--shape", "m8n8k8+normal+scale4"}, {"+scale4"}},
    {{"run", "conv", "--shape", "n1c1h3w3k1r1s1"}, {"'fwd-'"}},
    {{"run", "conv", "--shape", "fwd-n1c1h3w3k1r6s3u1p1"},
     {"6 x 3", "larger than the padded input", "5 x 5"}},
    {{"run", "conv", "--shape", "fwd-n1c6h3w3k4r1s1g4"}, {"c=6 is not divisible by g=4"}},
    {{"run", "conv", "--shape", "fwd-n1c8h3w3k6r1s1g4"}, {"k=6 is not divisible by g=4"}},
    {{"run", "conv", "--shape", "fwd-n1c1h3w3k1r1s1u0"}, {"u=0"}},
    {{"run", "conv", "--shape", "fwd-n16777216c16777216h16777216w16777216k1r1s1"}, {"2^40"}},
    {{"run", "conv", "--shape", "bwdd-n1c8h3w3k8r1s1", "--precision", "int8"}, {"int8", "fwd alone"}},
    {{"run", "mixed", "--shape", "m8n8k8+wide", "--precision", "int8"}, {"int8"}},
    {{"run", "mixed", "--shape", "fwd-n1c1h1w1k1r2s1"}, {"larger than the padded input"}},
    {{"run", "memory", "--shape", "sofmtax-r4c4"}, {"sofmtax", "softmax"}},
    {{"run", "memory", "--shape", "softmax-n4"}, {"r<number>"}},
    {{"run", "memory", "--shape", "copy-n9223372036854775808"}, {"n=9223372036854775808"}},
    {{"run", "memory", "--shape", "softmax-r1099511627776c16777216"}, {"2^40"}},
    {{"run", "memory", "--shape", "gelu-n4", "--precision", "fp64"}, {"fp64"}},
    {{"run", "transfer", "--shape", "memcpy-b0"}, {"b=0"}},
    {{"run", "transfer", "--shape", "memcpy-b9223372036854775807"}, {"b=9223372036854775807"}},
    {{"run", "transfer", "--shape", "launch-b4"}, {"-b4"}},
    {{"run", "transfer", "--shape", "memcpy-b4", "--precision", "fp32"}, {"u8"}},
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

TEST(BadShapeFile, OfEverySuiteIsRefusedWithLineAndKey) {
  const TemporaryFolder folder;
  struct Bad {
    const char *suite, *precision, *line;
    Words said;
  };
  for (const Bad& bad :
       {Bad{"conv", "fp32", "shapes = [\"fwd-n1c3h5w5k2r9s3u1p1\"]", {"5", "shapes", "larger"}},
        Bad{"conv", "fp32", "grid = { direction = \"fwd\", n = 1, stride = 2 }", {"5", "stride"}},
        Bad{"conv",
            "fp32",
            "grid = { direction = \"forward\", n = 1, c = 1, h = 1, w = 1, k = 1, r = 1, s = 1 }",
            {"5", "grid", "'fwd-'"}},
        Bad{"mixed", "int8", "shapes = [\"m8n8k8+wide\"]", {"5", "shapes", "int8"}},
        Bad{"memory", "fp32", "grid = { operation = \"softmax\", rows = 4, c = 4 }", {"5", "rows"}},
        Bad{"memory", "int8", "shapes = [\"copy-n4\"]", {"5", "shapes", "int8"}},
        Bad{"transfer", "u8", "grid = { route = \"h2d\", b = 4 }", {"5", "grid", "h2d_pinned"}},
        Bad{"transfer", "fp32", "shapes = [\"launch\"]", {"5", "shapes", "u8"}}}) {
    write(folder / "my.toml", std::string("suite = \"") + bad.suite +
                                  "\"\n[[problems]]\nname = \"x\"\nprecisions = [\"" + bad.precision +
                                  "\"]\n" + bad.line + "\n");
    Words said = bad.said;
    said.emplace_back("my.toml");
    expect_refused({"run", "my.toml"}, 2, said, folder.path());
  }
}

/// What `list` prints, which it must without a word of complaint.
std::string listed(Words what) {
  what.insert(what.begin(), "list");
  const Outcome o = start(what);
  EXPECT_EQ(o.exit_code, 0) << o.err;
  EXPECT_TRUE(o.err.empty()) << o.err;
  return o.out;
}

TEST(Lists, EverySuiteAndItsCases) {
  const std::string suites = listed({"suites"});
  for (const std::string suite : {"gemm", "conv", "mixed", "memory", "transfer"}) {
    EXPECT_NE(suites.find("\n" + suite + " "), std::string::npos) << suites;
    const std::string cases = listed({"cases", suite, "--device", "cpu"});
    EXPECT_TRUE(cases.starts_with(suite + "/")) << suite << ": " << cases.substr(0, 200);
    EXPECT_NE(cases.find("/cpu."), std::string::npos) << suite;
  }
  EXPECT_NE(listed({"presets"}).find("fills"), std::string::npos);
  EXPECT_NE(listed({"cases", "mixed", "--preset", "fills"}).find("mixed/m4096n4096k4096+zeros/bf16/"),
            std::string::npos);
}

// Gradients have no int8, which the preset's other problems have.
TEST(Lists, AShapeComesInThePrecisionsThatItHas) {
  const std::string cases =
      listed({"cases", "conv", "--shape", "bwdw-n1c8h3w3k8r1s1u1p0", "--device", "cpu"});
  EXPECT_NE(cases.find("/fp32/"), std::string::npos) << cases;
  EXPECT_EQ(cases.find("/int8/"), std::string::npos) << cases;
}

}  // namespace
}  // namespace breakeven::cli
