// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cpu_name.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

std::string x86(const std::string& name, const std::string& vendor, int family, int model, int stepping) {
  return cpu_name("processor\t: 0\nvendor_id\t: " + vendor + "\ncpu family\t: " + std::to_string(family) +
                  "\nmodel\t\t: " + std::to_string(model) + "\nmodel name\t: " + name +
                  "\nstepping\t: " + std::to_string(stepping) + "\n");
}

TEST(CpuName, AModelNumberIsLeftAlone) {
  EXPECT_EQ(x86("AMD EPYC 9654 96-Core Processor", "AuthenticAMD", 25, 17, 1),
            "AMD EPYC 9654 96-Core Processor");
  EXPECT_EQ(x86("Intel(R) Xeon(R) Platinum 8488C", "GenuineIntel", 6, 143, 8),
            "Intel(R) Xeon(R) Platinum 8488C");
}

TEST(CpuName, AHiddenModelNumberIsCompletedByTheDesign) {
  EXPECT_EQ(x86("AMD EPYC", "AuthenticAMD", 26, 2, 1), "AMD EPYC (Zen 5)");
  EXPECT_EQ(x86("AMD EPYC", "AuthenticAMD", 25, 1, 1), "AMD EPYC (Zen 3)");
  EXPECT_EQ(x86("AMD EPYC", "AuthenticAMD", 25, 17, 1), "AMD EPYC (Zen 4)");
  EXPECT_EQ(x86("Intel(R) Xeon(R) CPU @ 2.20GHz", "GenuineIntel", 6, 85, 7),
            "Intel(R) Xeon(R) CPU @ 2.20GHz (Cascade Lake)");
  EXPECT_EQ(x86("Intel(R) Xeon(R) CPU @ 2.00GHz", "GenuineIntel", 6, 85, 3),
            "Intel(R) Xeon(R) CPU @ 2.00GHz (Skylake)");
}

TEST(CpuName, NothingIsAddedThatIsNotCertain) {
  EXPECT_EQ(x86("AMD EPYC", "AuthenticAMD", 99, 2, 1), "AMD EPYC");
  EXPECT_EQ(x86("AMD EPYC", "GenuineIntel", 26, 2, 1), "AMD EPYC");
  EXPECT_EQ(x86("Intel Xeon Processor (Skylake, IBRS)", "GenuineIntel", 6, 85, 4),
            "Intel Xeon Processor (Skylake, IBRS)");
}

TEST(CpuName, OtherArchitecturesAndNone) {
  EXPECT_EQ(cpu_name("CPU implementer\t: 0x41\nCPU part\t: 0xd4f\n"), "Arm Neoverse-V2");
  EXPECT_EQ(cpu_name("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n"), "POWER9, altivec supported");
  EXPECT_EQ(cpu_name(""), "unknown");
  EXPECT_EQ(cpu_name("model name : \x1b[31mred\xff"), "?[31mred?");
}

}  // namespace
}  // namespace breakeven
