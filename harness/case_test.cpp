// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/case.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

Backend backend(std::string name, std::string device_id, std::vector<std::string> kernels) {
  Backend made;
  made.name = std::move(name);
  made.device_id = std::move(device_id);
  for (std::string& kernel : kernels) {
    made.kernels.emplace_back();
    made.kernels.back().name = std::move(kernel);
    made.kernels.back().why_not = [](const Problem& problem) {
      return std::holds_alternative<Gemm>(problem) ? Reason() : Reason(kNotThisKind);
    };
  }
  return made;
}

const Gemm kSmall{.m = 2, .n = 3, .k = 4, .precision = Precision::bf16};
const Gemm kBatched{.batch = 5, .m = 2, .n = 3, .k = 4, .epilogue = Epilogue::bias_relu};

TEST(Case, IdAndDevice) {
  const Backend cpu = backend("cpu", "cpu", {"onednn"});
  const Backend cuda = backend("cuda", "cuda:0", {"cublaslt_best+transfer"});
  const Backend absent = backend("cuda", "cuda", {"tiled"});
  EXPECT_EQ((Case{"gemm", kSmall, &cpu, &cpu.kernels[0]}.id()), "gemm/m2n3k4/bf16/cpu.onednn");
  EXPECT_EQ((Case{"gemm", kBatched, &cuda, &cuda.kernels[0]}.id()),
            "gemm/b5m2n3k4+bias_relu/fp32/cuda.cublaslt_best+transfer");
  EXPECT_EQ((Case{"gemm", kSmall, &cuda, &cuda.kernels[0]}.device()), "cuda:0");
  EXPECT_EQ((Case{"gemm", kSmall, &absent, &absent.kernels[0]}.device()), "cuda");
}

TEST(Case, SplitIsTheInverseOfId) {
  const auto id = split_id("gemm/b5m2n3k4+bias_relu/fp32/cuda.cublaslt_best+transfer");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->suite, "gemm");
  EXPECT_EQ(id->problem, "b5m2n3k4+bias_relu");
  EXPECT_EQ(id->precision, "fp32");
  EXPECT_EQ(id->backend, "cuda");
  EXPECT_EQ(id->kernel, "cublaslt_best+transfer");
}

TEST(Case, SplitRefusesWhatIsNoId) {
  for (const char* bad : {"", "gemm", "gemm/m1n1k1/fp32", "gemm/m1n1k1/fp32/cpu", "gemm/m1n1k1/fp32/cpu.",
                          "////", "gemm/m1n1k1/fp32/.x", "gemm//fp32/cpu.x", "/m1n1k1/fp32/cpu.x",
                          "a/b/c/d/cpu.x", "a/b/c/cpu.x/y", "a/b/c/d/e/f/g/cpu.x"}) {
    EXPECT_FALSE(split_id(bad)) << bad;
  }
}

TEST(Case, ExpandKeepsContendersOfOneProblemTogether) {
  std::vector<Backend> backends;
  backends.push_back(backend("cpu", "cpu", {"scalar", "simd"}));
  backends.push_back(backend("cuda", "cuda:0", {"tiled"}));
  std::vector<std::string> ids;
  for (const Case& c : expand({{"gemm", kSmall}, {"gemm", kBatched}}, backends)) ids.push_back(c.id());
  EXPECT_EQ(ids, (std::vector<std::string>{
                     "gemm/m2n3k4/bf16/cpu.scalar", "gemm/m2n3k4/bf16/cpu.simd",
                     "gemm/m2n3k4/bf16/cuda.tiled", "gemm/b5m2n3k4+bias_relu/fp32/cpu.scalar",
                     "gemm/b5m2n3k4+bias_relu/fp32/cpu.simd", "gemm/b5m2n3k4+bias_relu/fp32/cuda.tiled"}));
  EXPECT_TRUE(expand({}, backends).empty());
}

TEST(Case, ExpandLeavesOutKernelsOfOtherKinds) {
  std::vector<Backend> backends;
  backends.push_back(backend("cpu", "cpu", {"products", "everything", "unable"}));
  backends[0].kernels[1].why_not = [](const Problem&) { return Reason(); };
  backends[0].kernels[2].why_not = [](const Problem&) { return Reason("has no such precision"); };
  const Conv2d conv{.n = 1, .c = 1, .h = 1, .w = 1, .k = 1, .r = 1, .s = 1};
  std::vector<std::string> kernels;
  for (const Case& c : expand({{"conv", conv}}, backends)) kernels.push_back(c.kernel->name);
  EXPECT_EQ(kernels, (std::vector<std::string>{"everything", "unable"}));
}

TEST(GlobMatch, StarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("**", "x/y"));
  EXPECT_TRUE(glob_match("gemm/*/bf16/*", "gemm/m1n1k1/bf16/cpu.onednn"));
  EXPECT_TRUE(glob_match("*.one?nn", "gemm/m1n1k1/bf16/cpu.onednn"));
  EXPECT_TRUE(glob_match("*ab*ab", "abcabab"));
  EXPECT_TRUE(glob_match("a?c", "abc"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
  EXPECT_FALSE(glob_match("", "x"));
  EXPECT_FALSE(glob_match("?", ""));
  EXPECT_FALSE(glob_match("abc", "abcd"));
  EXPECT_FALSE(glob_match("abc*d", "abc"));
  EXPECT_FALSE(glob_match("GEMM", "gemm"));
}

TEST(GlobMatch, AgreesWithTheDefinition) {
  const std::function<bool(std::string_view, std::string_view)> slow = [&](std::string_view p,
                                                                           std::string_view t) {
    if (p.empty()) return t.empty();
    if (p[0] == '*') return slow(p.substr(1), t) || (!t.empty() && slow(p, t.substr(1)));
    return !t.empty() && (p[0] == '?' || p[0] == t[0]) && slow(p.substr(1), t.substr(1));
  };
  const auto spell = [](int number, int length, std::string_view letters) {
    std::string word;
    const int count = static_cast<int>(letters.size());
    for (; length > 0; --length, number /= count) word += letters[static_cast<size_t>(number % count)];
    return word;
  };
  for (int p = 0; p < 1024; ++p) {  // every pattern of 5 letters out of "ab*?"
    for (int t = 0; t < 64; ++t) {  // every text of 6 letters out of "ab"
      const std::string pattern = spell(p, 5, "ab*?"), text = spell(t, 6, "ab");
      ASSERT_EQ(glob_match(pattern, text), slow(pattern, text)) << pattern << " " << text;
    }
  }
}

// A matcher that backtracks into every star would need 2^40 steps here, and never return.
TEST(GlobMatch, ManyStarsDoNotExplode) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(glob_match(pattern + "*b", std::string(5000, 'a')));
  EXPECT_TRUE(glob_match(pattern + "*b", std::string(5000, 'a') + "b"));
}

TEST(Nearest, LeastEditDistanceWithinHalfTheLength) {
  const std::vector<std::string> names{"gemm", "conv", "memory", "transfer"};
  EXPECT_EQ(nearest("gem", names), "gemm");
  EXPECT_EQ(nearest("gmem", names), "gemm");
  EXPECT_EQ(nearest("fp23", {"fp64", "fp32"}), "fp32");  // swapped neighbours are one edit
  EXPECT_EQ(nearest("memroy", names), "memory");
  EXPECT_EQ(nearest("gemm", names), "gemm");
  EXPECT_EQ(nearest("xxxx", names), std::nullopt);
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(nearest("q", names), std::nullopt);
  EXPECT_EQ(nearest("abcd", {"abxy"}), "abxy");        // distance 2, half of 4
  EXPECT_EQ(nearest("abcd", {"axyz"}), std::nullopt);  // distance 3
  EXPECT_EQ(nearest(std::string(1 << 20, 'g'), names), std::nullopt);
}

}  // namespace
}  // namespace breakeven
