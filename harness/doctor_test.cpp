// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/doctor.h"

#include <gtest/gtest.h>

#include "harness/doctor_fixture.h"

namespace breakeven {
namespace {

TEST_F(Doctor, HasNoComplaintAboutAQuietWellSetUpMachine) {
  for (const Finding& finding : findings()) {
    if (finding.subject == "build") continue;  // is as this test was compiled
    EXPECT_EQ(finding.severity, Severity::good) << finding.subject << ": " << finding.state;
    EXPECT_EQ(finding.remedy, "") << finding.subject;
  }
  EXPECT_GE(findings().size(), 20u);
}

TEST_F(Doctor, Governor) {
  expect_change("CPU governor", kCpus + "cpu2/cpufreq/scaling_governor", "powersave\n",
                "powersave on 1 of 8 hardware threads", "echo performance | sudo tee");
  for (int cpu = 0; cpu < 8; ++cpu) root.remove(kCpus + "cpu" + std::to_string(cpu) + "/cpufreq");
  EXPECT_EQ(about("CPU governor").severity, Severity::missing);
}

TEST_F(Doctor, Affinity) {
  expect_change("CPU affinity", "/proc/self/status", "Cpus_allowed_list:\t0-2\n", "only 3 of 8", "taskset");
}

TEST_F(Doctor, Quota) {
  root.put("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.put("/proc/self/cgroup", "0::/\n");
  expect_change("CPU quota", "/sys/fs/cgroup/cpu.max", "150000 100000\n", "1.50 cores of 8", "--cpuset-cpus");
}

TEST_F(Doctor, IsolatedCpus) {
  expect_change("isolated CPUs", kCpus + "isolated", "6-7\n", "2 of our 8", "OMP_PROC_BIND");
  root.put("/proc/self/status", "Cpus_allowed_list:\t0-5\n");  // not ours: no matter
  EXPECT_EQ(about("isolated CPUs").subject, "");
}

TEST_F(Doctor, SiblingThreads) {
  EXPECT_NE(about("SMT siblings").state.find("8 hardware threads share 4 cores"), std::string::npos);
  root.put("/proc/self/status", "Cpus_allowed_list:\t0-3\n");
  EXPECT_NE(about("SMT siblings").state.find("none"), std::string::npos);
}

TEST_F(Doctor, OtherWork) {
  expect_change("other work", "/proc/loadavg", "3.20 1.00 0.50 1/413 5828\n", "3.20 threads",
                "stop other programs");
  root.put("/proc/loadavg", "0.05 0.10 0.08 2/413 5828\n");
  EXPECT_EQ(about("other work").severity, Severity::good);
  root.put("/proc/71/stat", "71 (sleeper) S 1 1 1 0 -1 4194304 0 0\n");
  root.put("/proc/72/stat", "72 (kworker) R 2 0 0 0 -1 69238880 0 0\n");  // the kernel's own
  EXPECT_EQ(about("other work").severity, Severity::good);
  root.put("/proc/73/stat", "73 (cc1 (plus) ) R 1 1 1 0 -1 4194304 0 0\n");
  EXPECT_EQ(about("other work").severity, Severity::distorts);
  EXPECT_NE(about("other work").state.find("running now: cc1 (plus)"), std::string::npos);
}

TEST_F(Doctor, CpuPressure) {
  expect_change("CPU pressure", "/proc/pressure/cpu", "some avg10=37.50 avg60=1 avg300=1 total=1\n", "37.5 %",
                "--threads");
}

TEST_F(Doctor, StealTimeInAVirtualMachine) {
  root.put("/proc/stat", "cpu  100 0 100 9700 0 0 0 100 0 0\n");
  EXPECT_EQ(about("steal time").subject, "");  // no hypervisor, no thief
  EXPECT_EQ(about("virtualisation").severity, Severity::good);
  root.put("/proc/cpuinfo", "processor : 0\nmodel name : AMD EPYC\nflags : avx2 hypervisor\n");
  EXPECT_EQ(about("virtualisation").severity, Severity::distorts);
  EXPECT_EQ(about("steal time").severity, Severity::distorts);
  EXPECT_NE(about("steal time").state.find("1.00 %"), std::string::npos);
  root.put("/proc/stat", "cpu  100 0 100 9700 0 0 0 1 0 0\n");
  EXPECT_EQ(about("steal time").severity, Severity::good);
}

TEST_F(Doctor, AContainerAloneIsNoDistortion) {
  root.put("/.dockerenv", "");
  EXPECT_EQ(about("virtualisation").severity, Severity::good);
  EXPECT_NE(about("virtualisation").state.find("docker"), std::string::npos);
}

TEST_F(Doctor, TightMemory) {
  expect_change("memory", "/proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 1048576 kB\n",
                "1.0 of 16.0 GiB", "memory limit");
}

TEST_F(Doctor, Swap) {
  expect_change(
      "swap", "/proc/meminfo",
      "MemTotal: 16777216 kB\nMemAvailable: 9048576 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n",
      "1.00 GiB in use", "swapoff");
}

TEST_F(Doctor, HugePages) {
  root.put(kHugePages, "always [madvise] never\n");
  expect_change("huge pages", kHugePages, "always madvise [never]\n", "never", "echo madvise");
}

TEST_F(Doctor, Environment) {
  root.put("/proc/self/environ", std::string("HOME=/\0OMP_NUM_THREADS=\0", 25));  // set to nothing
  expect_change("environment", "/proc/self/environ",
                std::string("HOME=/\0OMP_NUM_THREADS=1\0NVIDIA_TF32_OVERRIDE=0\0", 49),
                "OMP_NUM_THREADS NVIDIA_TF32_OVERRIDE", "unset OMP_NUM_THREADS");
}

TEST_F(Doctor, Turbo) {
  expect_change("turbo", kCpus + "intel_pstate/no_turbo", "1\n", "off", "no_turbo");
  root.remove(kCpus + "intel_pstate").put(kCpus + "cpufreq/boost", "0\n");
  EXPECT_NE(about("turbo").remedy.find("cpufreq/boost"), std::string::npos);
}

TEST_F(Doctor, Throttling) {
  expect_change("CPU temperature", kCpus + "cpu0/thermal_throttle/package_throttle_count", "12\n", "12 times",
                "cooling");
}

TEST_F(Doctor, Battery) {
  root.put("/sys/class/power_supply/mouse/status", "Discharging\n")
      .put("/sys/class/power_supply/mouse/scope", "Device\n");
  expect_change("power supply", "/sys/class/power_supply/BAT0/status", "Discharging\n", "battery", "plug");
}

TEST_F(Doctor, NumaBalancing) {
  expect_change("NUMA", "/sys/devices/system/node/node1/cpulist", "8-15\n", "2 nodes", "numa_balancing=0");
  root.put("/proc/sys/kernel/numa_balancing", "0\n");
  EXPECT_EQ(about("NUMA").severity, Severity::good);
}

TEST_F(Doctor, ClockSource) {
  expect_change("clock", kClock, "hpet\n", "hpet", "echo tsc");
  root.put(kClock, "kvm-clock\n");
  EXPECT_EQ(about("clock").severity, Severity::good);
}

TEST_F(Doctor, AmxThatTheKernelRefuses) {
  expect_change("AMX", "/proc/sys/kernel/osrelease", "5.10.0-28-amd64\n", "kernel does not let", "5.16");
}

TEST_F(Doctor, NoAvx2) {
  expect_change("instruction sets", "/proc/cpuinfo", "processor: 0\nmodel name: QEMU 2.5\nflags: sse4_2\n",
                "no AVX2", "-cpu host");
  EXPECT_EQ(about("AMX").subject, "");
}

TEST_F(Doctor, CacheSize) {
  EXPECT_EQ(about("last-level cache").subject, "");
  root.remove(kCpus + "cpu0/cache");
  EXPECT_EQ(about("last-level cache").severity, Severity::missing);
}

TEST_F(Doctor, ReadingsThatAreNoNumbersAreNoFindings) {
  for (const char* bad : {"nan 0 0 1/1 1\n", "inf 0 0 1/1 1\n", "-3 0 0 1/1 1\n", "x\n"})
    EXPECT_EQ((root.put("/proc/loadavg", bad), about("other work").subject), "") << bad;
}

TEST_F(Doctor, SurvivesGarbage) {
  for (const std::string& garbage :
       {std::string(), std::string("\xff\x00\x1b", 3), std::string("-1 -1 -1 -1 -1 -1 -1 -1 -1"),
        std::string("nan nan nan"), std::string(50000, '['), std::string("some avg10=")}) {
    for (const std::string& file :
         {std::string("/proc/loadavg"), std::string("/proc/pressure/cpu"), std::string("/proc/stat"),
          std::string("/proc/12/stat"), kClock, kHugePages, kRapl, kCpus + "isolated"})
      root.put(file, garbage);
    EXPECT_FALSE(findings().empty());
  }
  root.remove("/proc").remove("/sys");
  EXPECT_FALSE(findings().empty());
}

TEST(RealDoctor, EveryFindingSaysSomething) {
  for (const Finding& finding : examine(describe_machine(), {})) {
    EXPECT_FALSE(finding.subject.empty());
    EXPECT_FALSE(finding.state.empty()) << finding.subject;
  }
}

}  // namespace
}  // namespace breakeven
