// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/standing.h"

#include <gtest/gtest.h>

namespace breakeven::cli {
namespace {

// A hash that no machine code has, so these hold whatever is on record.
const std::string kNobodys(64, '0');

Kernel own(const std::string& name, std::vector<MachineCode> code) {
  Kernel kernel;
  kernel.name = name;
  kernel.source = "kernels/cuda/gemm/" + name + ".cu";
  kernel.code = std::move(code);
  return kernel;
}

TEST(Standing, IsToldOfOwnGpuKernelsAlone) {
  Kernel vendor;
  vendor.name = "cublaslt";
  EXPECT_EQ(standing_of(vendor), "");
  EXPECT_EQ(standing_of(own("of_ptx", {})), "unverified (compiled from PTX by the driver)");
  EXPECT_EQ(standing_of(own("nobodys", {{"sm_90a", kNobodys}})), "unverified");
  EXPECT_EQ(standing_of(own("nobodys", {{"sm_80", kNobodys}, {"sm_90a", kNobodys}})),
            "sm_80 unverified; sm_90a unverified");
}

TEST(Standing, DoctorCountsAndNamesTheUnverified) {
  std::vector<Backend> backends(2);
  EXPECT_FALSE(own_gpu_kernels(backends));
  Kernel vendor;
  vendor.name = "cublaslt";
  backends[1].kernels = {own("b", {{"sm_90a", kNobodys}}), own("a", {}), vendor};
  const auto finding = own_gpu_kernels(backends);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->severity, Severity::missing);
  EXPECT_NE(finding->state.find("2 of 2 unverified"), std::string::npos) << finding->state;
  EXPECT_TRUE(finding->state.ends_with(": a, b")) << finding->state;
  EXPECT_NE(finding->remedy.find("scripts/gpu"), std::string::npos);
}

}  // namespace
}  // namespace breakeven::cli
