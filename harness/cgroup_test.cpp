// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cgroup.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/fake_root.h"

namespace breakeven {
namespace {

constexpr int64_t kMiB = 1 << 20, kGiB = 1 << 30;
const std::string kV2Mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
const std::string kV1CpuMount =
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n";

CgroupLimits limits_of(const FakeRoot& root) { return cgroup_limits(SystemFiles(root.path())); }

TEST(Cgroup, NoneMeansNoLimits) {
  FakeRoot root;
  const CgroupLimits limits = limits_of(root);
  EXPECT_FALSE(limits.quota || limits.memory_bytes || limits.available_bytes);
  EXPECT_TRUE(limits.cpus.empty());
}

TEST(Cgroup, Version2TakesTheTightestOfAllAncestors) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/pod/box/leaf\n");
  const std::string top = "/sys/fs/cgroup";
  root.put(top + "/pod/cpu.max", "150000 100000\n").put(top + "/pod/box/cpu.max", "400000 100000\n");
  root.put(top + "/pod/box/leaf/cpu.max", "max 100000\n");
  root.put(top + "/pod/memory.max", "2147483648\n").put(top + "/pod/memory.current", "1610612736\n");
  root.put(top + "/pod/memory.stat", "anon 1\nactive_file 7\ninactive_file 268435456\n");
  root.put(top + "/pod/box/memory.max", "max\n").put(top + "/pod/box/leaf/memory.max", "4294967296\n");
  root.put(top + "/pod/box/leaf/memory.current", "0\n");
  const CgroupLimits limits = limits_of(root);
  EXPECT_EQ(limits.quota, 1.5);
  EXPECT_EQ(limits.memory_bytes, 2 * kGiB);
  EXPECT_EQ(limits.available_bytes, 512 * kMiB + 256 * kMiB);
}

TEST(Cgroup, Version2WithoutPeriodAndWithHigh) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/a\n");
  root.put("/sys/fs/cgroup/a/cpu.max", "50000\n");
  root.put("/sys/fs/cgroup/a/memory.max", "2147483648\n").put("/sys/fs/cgroup/a/memory.high", "1073741824\n");
  EXPECT_EQ(limits_of(root).quota, 0.5);
  EXPECT_EQ(limits_of(root).memory_bytes, kGiB);
  EXPECT_EQ(limits_of(root).available_bytes, kGiB);  // usage not readable
}

TEST(Cgroup, UsageAboveTheLimitLeavesNothing) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/\n");
  root.put("/sys/fs/cgroup/memory.max", "1000\n")
      .put("/sys/fs/cgroup/memory.current", "9223372036854775807\n");
  EXPECT_EQ(limits_of(root).available_bytes, 0);
}

TEST(Cgroup, Version1QuotaOnTheParent) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV1CpuMount)
      .put("/proc/self/cgroup", "3:cpu,cpuacct:/slice/job\n1:name=systemd:/\n");
  const std::string cpu = "/sys/fs/cgroup/cpu,cpuacct";
  root.put(cpu + "/cpu.cfs_quota_us", "-1\n").put(cpu + "/cpu.cfs_period_us", "100000\n");
  root.put(cpu + "/slice/cpu.cfs_quota_us", "300000\n").put(cpu + "/slice/cpu.cfs_period_us", "100000\n");
  root.put(cpu + "/slice/job/cpu.cfs_quota_us", "-1\n").put(cpu + "/slice/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limits_of(root).quota, 3.0);
}

TEST(Cgroup, Version1Memory) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  root.put("/proc/self/cgroup", "4:memory:/job\n");
  const std::string memory = "/sys/fs/cgroup/memory";
  root.put(memory + "/memory.limit_in_bytes", "9223372036854771712\n");  // how version 1 says: no limit
  EXPECT_FALSE(limits_of(root).memory_bytes);
  root.put(memory + "/job/memory.limit_in_bytes", "1073741824\n")
      .put(memory + "/job/memory.usage_in_bytes", "536870912\n");
  root.put(memory + "/job/memory.stat", "inactive_file 1\ntotal_inactive_file 1048576\n");
  EXPECT_EQ(limits_of(root).memory_bytes, kGiB);
  EXPECT_EQ(limits_of(root).available_bytes, 513 * kMiB);
}

TEST(Cgroup, BothVersionsAtOnce) {
  FakeRoot root;
  root.put("/proc/self/mountinfo",
           kV1CpuMount + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  root.put("/proc/self/cgroup", "3:cpu,cpuacct:/a\n0::/b\n");
  root.put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "200000")
      .put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000");
  root.put("/sys/fs/cgroup/unified/b/memory.max", "1073741824\n");
  EXPECT_EQ(limits_of(root).quota, 2.0);
  EXPECT_EQ(limits_of(root).memory_bytes, kGiB);
}

TEST(Cgroup, ABindMountShowsTheContainersGroupAsItsRoot) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", "9 8 0:29 /docker/4f2a /mnt/my\\040groups ro - cgroup2 cgroup ro\n");
  root.put("/proc/self/cgroup", "0::/docker/4f2a/inner\n");
  root.put("/mnt/my groups/cpu.max", "250000 100000\n").put("/mnt/my groups/inner/cpu.max", "max 100000\n");
  EXPECT_EQ(limits_of(root).quota, 2.5);
}

TEST(Cgroup, AGroupOutsideTheNamespaceFallsBackToTheMount) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/../../elsewhere\n");
  root.put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(limits_of(root).quota, 1.0);
}

TEST(Cgroup, TheMountThatShowsMostAncestorsCounts) {
  FakeRoot root;
  root.put("/proc/self/mountinfo",
           "9 8 0:29 /pod/box /narrow ro - cgroup2 c ro\n9 8 0:29 / /wide ro - cgroup2 c ro\n");
  root.put("/proc/self/cgroup", "0::/pod/box\n").put("/wide/pod/cpu.max", "120000 100000\n");
  EXPECT_EQ(limits_of(root).quota, 1.2);
}

TEST(Cgroup, WithoutMountinfoTheUsualPlacesAreTried) {
  FakeRoot root;
  root.put("/proc/self/cgroup", "0::/\n").put("/sys/fs/cgroup/cgroup.controllers", "cpu\n");
  root.put("/sys/fs/cgroup/cpu.max", "70000 100000\n");
  EXPECT_EQ(limits_of(root).quota, 0.7);
  FakeRoot v1;
  v1.put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "70000\n")
      .put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limits_of(v1).quota, 0.7);
}

TEST(Cgroup, CpusetOfTheInnermostGroupThatHasOne) {
  FakeRoot root;
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/a/b/c\n");
  root.put("/sys/fs/cgroup/a/cpuset.cpus.effective", "0-3\n")
      .put("/sys/fs/cgroup/a/b/cpuset.cpus.effective", "1,3\n");
  EXPECT_EQ(limits_of(root).cpus, (std::vector<int>{1, 3}));
}

TEST(Cgroup, NonsenseIsNoLimit) {
  for (const char* nonsense : {"", "\n", "max", "-5", "0", "0 0", "-1 100000", "100000 0", "100000 -7",
                               "1e9 100000", "99999999999999999999999 100000", "\xff\xfe", "12 monkeys"}) {
    FakeRoot root;
    root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::/a\n");
    for (const char* file : {"cpu.max", "memory.max", "memory.high", "cpuset.cpus.effective", "cpuset.cpus"})
      root.put(std::string("/sys/fs/cgroup/a/") + file, std::string(nonsense) + "\n");
    EXPECT_FALSE(limits_of(root).quota) << nonsense;
    EXPECT_FALSE(limits_of(root).memory_bytes) << nonsense;
  }
}

TEST(Cgroup, AnAbsurdlyDeepPathStillAnswers) {
  FakeRoot root;
  std::string path;
  for (int depth = 0; depth < 100000; ++depth) path += "/a";
  root.put("/proc/self/mountinfo", kV2Mount).put("/proc/self/cgroup", "0::" + path + "\n");
  EXPECT_FALSE(limits_of(root).quota);
}

/// A real version-1 group below the one this test runs in; the kernel must agree with what we read.
class RealCgroup {
 public:
  explicit RealCgroup(const std::string& controller)
      : path_("/sys/fs/cgroup/" + controller + "/breakeven-test-" + std::to_string(getpid())) {
    std::error_code failed;
    made_ = std::filesystem::create_directory(path_, failed) && !failed;
  }
  ~RealCgroup() {
    if (made_) rmdir(path_.c_str());  // remove_all would try to delete the kernel's files
  }
  bool write(const std::string& file, const std::string& value) const {
    std::ofstream out(path_ + "/" + file);
    out << value << std::flush;
    return made_ && out.good();
  }
  /// Whether `holds` is true for a process inside.
  template <class F>
  bool inside(F holds) const {
    const pid_t child = fork();
    if (child == 0)
      _exit(write("cgroup.procs", std::to_string(getpid())) && holds(cgroup_limits(SystemFiles(""))) ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  std::string path_;
  bool made_ = false;
};

TEST(RealCgroup, QuotaOfThisKernel) {
  const RealCgroup group("cpu");
  if (!group.write("cpu.cfs_period_us", "100000") || !group.write("cpu.cfs_quota_us", "75000"))
    GTEST_SKIP() << "no writable version-1 cpu cgroup here";
  EXPECT_TRUE(group.inside([](const CgroupLimits& limits) { return limits.quota && *limits.quota <= 0.75; }));
}

TEST(RealCgroup, MemoryLimitOfThisKernel) {
  const RealCgroup group("memory");
  if (!group.write("memory.limit_in_bytes", "268435456"))
    GTEST_SKIP() << "no writable version-1 memory cgroup here";
  EXPECT_TRUE(group.inside([](const CgroupLimits& limits) {
    return limits.memory_bytes && *limits.memory_bytes <= 256 * kMiB && limits.available_bytes &&
           *limits.available_bytes < 256 * kMiB;
  }));
}

}  // namespace
}  // namespace breakeven
