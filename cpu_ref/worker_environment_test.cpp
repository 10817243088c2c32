// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/worker_environment.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace breakeven::cpu {
namespace {

using Variables = std::map<std::string, std::string>;

Variables for_core(const std::string& core, std::vector<std::string> isa, bool sbgemm = false,
                   std::set<std::string> set_by_user = {}) {
  const auto made = worker_environment(
      Surroundings{.isa = std::move(isa),
                   .openblas_core = core,
                   .sbgemm = sbgemm,
                   .threads = 4,
                   .is_set = [&](const char* name) { return set_by_user.contains(name); }});
  return Variables(made.begin(), made.end());
}

const std::vector<std::string> kAvx512{"sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16"};

TEST(WorkerEnvironment, SetsThreadsAndPinning) {
  const Variables v = for_core("", {});
  EXPECT_EQ(v, (Variables{{"OMP_NUM_THREADS", "4"},
                          {"OPENBLAS_NUM_THREADS", "4"},
                          {"OMP_PROC_BIND", "close"},
                          {"OMP_PLACES", "cores"}}));
}

TEST(WorkerEnvironment, LeavesAloneWhatTheUserSet) {
  const Variables v =
      for_core("Haswell", kAvx512, false, {"OMP_NUM_THREADS", "OMP_PROC_BIND", "OPENBLAS_CORETYPE"});
  EXPECT_EQ(v, (Variables{{"OPENBLAS_NUM_THREADS", "4"}}));
  EXPECT_FALSE(for_core("", {}, false, {"GOMP_CPU_AFFINITY"}).contains("OMP_PROC_BIND"));
  EXPECT_FALSE(for_core("", {}, false, {"OMP_PLACES"}).contains("OMP_PLACES"));
}

TEST(WorkerEnvironment, RaisesOpenblasToTheCpusVectors) {
  EXPECT_EQ(for_core("Haswell", kAvx512)["OPENBLAS_CORETYPE"], "SkylakeX");
  EXPECT_EQ(for_core("Zen", kAvx512)["OPENBLAS_CORETYPE"], "SkylakeX");
  EXPECT_EQ(for_core("Prescott", kAvx512)["OPENBLAS_CORETYPE"], "SkylakeX");
  EXPECT_EQ(for_core("Haswell", kAvx512, true)["OPENBLAS_CORETYPE"], "Cooperlake");
  EXPECT_EQ(for_core("Nehalem", {"avx2", "fma"})["OPENBLAS_CORETYPE"], "Haswell");
}

TEST(WorkerEnvironment, LeavesOpenblasAloneWhereItKnowsTheCpu) {
  EXPECT_FALSE(for_core("SkylakeX", kAvx512).contains("OPENBLAS_CORETYPE"));
  EXPECT_FALSE(for_core("Cooperlake", kAvx512).contains("OPENBLAS_CORETYPE"));
  EXPECT_FALSE(for_core("Zen", {"avx2", "fma"}).contains("OPENBLAS_CORETYPE"));
  EXPECT_FALSE(for_core("Haswell", {"avx2", "fma"}).contains("OPENBLAS_CORETYPE"));
  EXPECT_FALSE(for_core("NEOVERSEN1", {"neon", "sve"}).contains("OPENBLAS_CORETYPE"));
  EXPECT_FALSE(for_core("Zen6", kAvx512).contains("OPENBLAS_CORETYPE"));
}

}  // namespace
}  // namespace breakeven::cpu
