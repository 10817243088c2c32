// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/machine.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "harness/fake_root.h"

namespace breakeven {
namespace {

constexpr int64_t kKiB = 1 << 10, kGiB = 1 << 30;

bool has(const Machine& machine, const char* feature) {
  return std::find(machine.isa.begin(), machine.isa.end(), feature) != machine.isa.end();
}

TEST(Machine, BareMetalWithTwoThreadsACore) {
  FakeRoot root;
  put_bare_metal(root);
  const Machine machine = describe_machine(root.path());
  EXPECT_EQ(machine.cpu_model, "Intel(R) Xeon(R) Gold 6430");
  EXPECT_EQ(machine.cores.logical_online, 8);
  EXPECT_EQ(machine.cores.affinity, 8);
  EXPECT_EQ(machine.cores.physical, 4);
  EXPECT_EQ(machine.cores.usable, 4);
  EXPECT_FALSE(machine.cores.quota);
  EXPECT_EQ(machine.caches.l1d_bytes, 48 * kKiB);
  EXPECT_EQ(machine.caches.l2_bytes, 2048 * kKiB);
  EXPECT_EQ(machine.caches.last_level_bytes, 61440 * kKiB);
  EXPECT_EQ(machine.memory_bytes, 16 * kGiB);
  EXPECT_EQ(machine.available_bytes, 12 * kGiB);
  EXPECT_EQ(machine.governor, "performance");
  EXPECT_EQ(machine.virtualisation, "");
  EXPECT_EQ(machine.os, "Debian GNU/Linux 13 (trixie)");
  EXPECT_EQ(machine.kernel, "6.12.0-amd64");
  EXPECT_EQ(machine.boot_id, "6d36076c-2659-49e2-bf50-56119376aba5");
  EXPECT_EQ(machine.host, "rack7");
  EXPECT_TRUE(has(machine, "avx512_bf16") && has(machine, "amx_tile"));
  EXPECT_FALSE(has(machine, "avx512_fp16") || has(machine, "neon"));
}

TEST(Machine, AffinityToBothThreadsOfOneCoreIsOneCore) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/self/status", "Cpus_allowed_list:\t1,5\n");
  const Cores cores = describe_machine(root.path()).cores;
  EXPECT_EQ(cores.logical_online, 8);
  EXPECT_EQ(cores.affinity, 2);
  EXPECT_EQ(cores.physical, 1);
  EXPECT_EQ(cores.usable, 1);
}

TEST(Machine, ACpusetNarrowerThanTheMaskCounts) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.put("/proc/self/cgroup", "0::/job\n").put("/sys/fs/cgroup/job/cpuset.cpus.effective", "0-2\n");
  const Cores cores = describe_machine(root.path()).cores;
  EXPECT_EQ(cores.affinity, 3);
  EXPECT_EQ(cores.usable, 3);
  root.put("/sys/fs/cgroup/job/cpuset.cpus.effective", "64-99\n");  // contradicts the system: ignored
  EXPECT_EQ(describe_machine(root.path()).cores.affinity, 8);
}

TEST(Machine, AContainersQuotaAndMemory) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.put("/proc/self/cgroup", "0::/kubepods/pod1/box\n");
  root.put("/sys/fs/cgroup/kubepods/cpu.max", "250000 100000\n");
  root.put("/sys/fs/cgroup/kubepods/pod1/memory.max", "4294967296\n");
  root.put("/sys/fs/cgroup/kubepods/pod1/memory.current", "1073741824\n");
  const Machine machine = describe_machine(root.path());
  EXPECT_EQ(machine.cores.quota, 2.5);
  EXPECT_EQ(machine.cores.usable, 2);
  EXPECT_EQ(machine.memory_bytes, 4 * kGiB);
  EXPECT_EQ(machine.available_bytes, 3 * kGiB);
  EXPECT_EQ(available_memory(root.path()), 3 * kGiB);
  EXPECT_EQ(machine.virtualisation, "container:kubernetes");
  root.put("/sys/fs/cgroup/kubepods/cpu.max", "30000 100000\n");
  EXPECT_EQ(describe_machine(root.path()).cores.usable, 1);
}

TEST(Machine, ALimitAboveWhatIsInstalledDoesNotMakeMemory) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.put("/proc/self/cgroup", "0::/\n").put("/sys/fs/cgroup/memory.max", "999999999999999\n");
  EXPECT_EQ(describe_machine(root.path()).memory_bytes, 16 * kGiB);
  EXPECT_EQ(available_memory(root.path()), 12 * kGiB);
}

TEST(Machine, WithoutSysCoresComeFromCpuinfo) {
  FakeRoot root;
  put_bare_metal(root);
  root.remove("/sys");
  const Machine machine = describe_machine(root.path());
  EXPECT_EQ(machine.cores.logical_online, 8);
  EXPECT_EQ(machine.cores.physical, 4);
  EXPECT_EQ(machine.cores.usable, 4);
  EXPECT_EQ(machine.caches.last_level_bytes, 0);
  EXPECT_EQ(machine.governor, "");
}

TEST(Machine, GovernorsThatDifferAreAllNamed) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "powersave\n");
  EXPECT_EQ(describe_machine(root.path()).governor, "performance powersave");
}

TEST(Machine, AmxThatTheKernelCannotGiveIsNotListed) {
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/sys/kernel/osrelease", "5.15.0-91-generic\n");
  const Machine machine = describe_machine(root.path());
  EXPECT_FALSE(has(machine, "amx_tile") || has(machine, "amx_bf16") || has(machine, "amx_int8"));
  EXPECT_TRUE(has(machine, "avx512f"));
}

TEST(Machine, ArmNamesItsCpuByNumbers) {
  FakeRoot root;
  root.put("/proc/cpuinfo",
           "processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd sve\nCPU implementer\t: 0x41\n"
           "CPU architecture: 8\nCPU part\t: 0xd40\n\nprocessor\t: 1\n");
  root.put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
      .put("/sys/class/dmi/id/product_name", "c7g.large\n");
  const Machine machine = describe_machine(root.path());
  EXPECT_EQ(machine.cpu_model, "Arm Neoverse-V1");
  EXPECT_EQ(machine.isa, (std::vector<std::string>{"neon", "sve"}));
  EXPECT_EQ(machine.cores.usable, 2);
  EXPECT_EQ(machine.virtualisation, "kvm");
  root.put("/sys/class/dmi/id/product_name", "c7g.metal\n");
  EXPECT_EQ(describe_machine(root.path()).virtualisation, "");
  root.put("/proc/cpuinfo", "processor: 0\nCPU implementer : 0x7f\nCPU part : 0x123\n");
  EXPECT_EQ(describe_machine(root.path()).cpu_model, "Arm implementer 0x7f part 0x123");
}

TEST(Machine, AnEmptyRootStillGivesOneThread) {
  FakeRoot root;
  const Machine machine = describe_machine(root.path());
  EXPECT_EQ(machine.cpu_model, "unknown");
  EXPECT_EQ(machine.cores.usable, 1);
  EXPECT_EQ(machine.memory_bytes, 0);
  EXPECT_TRUE(machine.isa.empty());
}

TEST(Machine, GarbageNeverCrashesNorGetsThrough) {
  const std::string kinds[] = {
      "",
      "\n\n\n",
      std::string(4096, '\0'),
      "\xff\xfe\x1b[31m",
      "-1",
      "99999999999999999999",
      "0-99999999999",
      "max",
      "0-3,,-,",
      "a: b: c - d",
      "processor: 999999999\nMemTotal: -5 kB\nMemAvailable: 9223372036854775807 kB\n",
      std::string(100000, ':'),
      std::string(20000, '/')};
  FakeRoot root;
  put_bare_metal(root);
  root.put("/proc/self/cgroup", "0::/a\n").put("/sys/fs/cgroup/a/cpu.max", "");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root.path()))
    if (entry.is_regular_file()) files.push_back(entry.path().string().substr(root.path().string().size()));
  for (const std::string& garbage : kinds) {
    for (const std::string& file : files) root.put(file, garbage);
    const Machine machine = describe_machine(root.path());
    EXPECT_GE(machine.cores.usable, 1);
    EXPECT_LE(machine.cores.usable, machine.cores.affinity);
    EXPECT_GE(machine.memory_bytes, 0);
    for (const std::string* text :
         {&machine.cpu_model, &machine.governor, &machine.os, &machine.kernel, &machine.host})
      EXPECT_TRUE(std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c <= '~'; }))
          << *text;
  }
}

TEST(RealMachine, AgreesWithTheKernel) {
  cpu_set_t mask;
  ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  const Machine machine = describe_machine();
  const char* expected = getenv("BREAKEVEN_TEST_AFFINITY");  // set by the test below
  EXPECT_EQ(machine.cores.affinity, expected ? atoi(expected) : CPU_COUNT(&mask));
  EXPECT_EQ(machine.cores.logical_online, sysconf(_SC_NPROCESSORS_ONLN));
  EXPECT_GE(machine.cores.affinity, machine.cores.physical);
  EXPECT_GE(machine.cores.physical, machine.cores.usable);
  EXPECT_LE(machine.available_bytes, machine.memory_bytes);
  EXPECT_GT(machine.available_bytes, 0);
}

TEST(RealMachine, OpenmpPinningTheFirstThreadHidesNoCores) {
  const std::string affinity = std::to_string(describe_machine().cores.affinity);
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const pid_t child = fork();
  if (child == 0) {
    setenv("OMP_PROC_BIND", "true", 1);
    setenv("BREAKEVEN_TEST_AFFINITY", affinity.c_str(), 1);
    execl(self.c_str(), self.c_str(), "--gtest_filter=RealMachine.AgreesWithTheKernel",
          "--gtest_output=", nullptr);
    _exit(127);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace breakeven
