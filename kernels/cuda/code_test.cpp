// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "kernels/cuda/cuda.h"

namespace breakeven::cuda {
namespace {

constexpr CodeRow kTable[] = {{"a.cu", 75, "sm_75", "of75"},
                              {"a.cu", 80, "sm_80", "of80"},
                              {"a.cu", 86, "sm_86", "of86"},
                              {"a.cu", 90, "sm_90a", "of90a"},
                              {"a.cu", 100, "sm_100", "of100"},
                              {"b.cu", 80, "sm_80", "other"},
                              {"c.cu", 0, "", ""}};

std::string_view code_on(int capability, std::string_view source = "a.cu") {
  const CodeRow* row = code_for(kTable, source, capability);
  return row ? row->sha256 : "none";
}

TEST(Code, IsWhatTheDriverTakesForTheDevice) {
  EXPECT_EQ(code_on(75), "of75");
  EXPECT_EQ(code_on(80), "of80");
  EXPECT_EQ(code_on(86), "of86");
  EXPECT_EQ(code_on(87), "of86");  // the nearest lower of the generation
  EXPECT_EQ(code_on(89), "of86");
  EXPECT_EQ(code_on(90), "of90a");
  EXPECT_EQ(code_on(103), "of100");
  EXPECT_EQ(code_on(120), "none");  // from PTX
  EXPECT_EQ(code_on(89, "b.cu"), "other");
  EXPECT_EQ(code_on(90, "b.cu"), "none");  // another generation's code does not run
  EXPECT_EQ(code_on(90, "c.cu"), "none");
}

constexpr std::string_view kFolders[] = {"kernels/cuda/gemm/", "kernels/cuda/conv/", "kernels/cuda/memory/",
                                         "kernels/cuda/train/"};

/// NVIDIA's libraries, and what its runtime does.
bool vendors(std::string_view name) {
  return name.starts_with("cublaslt") || name.starts_with("cudnn") || name == "runtime" ||
         name == "first_call" || name == "vendor";
}

TEST(Code, EveryOwnKernelOfThisBuildIsKnown) {
  int own = 0;
  for (const Kernel& kernel : kernels(nullptr)) {
    if (vendors(kernel.name)) {
      EXPECT_EQ(kernel.source, "") << kernel.name;
      continue;
    }
    ++own;
    const bool in_a_folder = std::ranges::any_of(
        kFolders, [&](std::string_view folder) { return kernel.source.starts_with(folder); });
    EXPECT_TRUE(in_a_folder) << kernel.name << ": " << kernel.source;
    for (const MachineCode& code : kernel.code) EXPECT_EQ(code.sha256.size(), 64u) << kernel.name;
  }
  EXPECT_GT(own, 0);
}

TEST(Code, AnOpenDeviceLeavesOnlyWhatItRuns) {
  for (const CodeRow& row : code_table()) {
    if (row.capability == 0) continue;
    const std::string_view name = row.source.substr(row.source.rfind('/') + 1);
    Kernel kernel;
    add_code(kernel, name.substr(0, name.rfind('.')), row.capability);
    EXPECT_EQ(kernel.source, row.source);
    ASSERT_EQ(kernel.code.size(), 1u) << row.source;
    EXPECT_EQ(kernel.code[0].arch, row.arch);
    EXPECT_EQ(kernel.code[0].sha256, row.sha256);
  }
}

// add_code finds a file by its name alone.
TEST(CodeTable, HasNoTwoFilesOfOneName) {
  std::map<std::string, std::string> known;
  for (const CodeRow& row : code_table()) {
    const std::string source(row.source), file = source.substr(source.rfind('/') + 1);
    EXPECT_EQ(known.try_emplace(file, source).first->second, source);
  }
}

}  // namespace
}  // namespace breakeven::cuda
