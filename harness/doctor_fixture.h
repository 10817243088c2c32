// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/doctor.h"
#include "harness/fake_root.h"

namespace breakeven {

inline const std::string kCpus = "/sys/devices/system/cpu/";
inline const std::string kRapl = "/sys/class/powercap/intel-rapl:0/energy_uj";
inline const std::string kClock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
inline const std::string kHugePages = "/sys/kernel/mm/transparent_hugepage/enabled";

/// A GPU that is only ever asked for its name.
class NamedDevice : public Device {
 public:
  DeviceInfo info() const override { return {.id = "cuda:0", .name = "NVIDIA H200", .facts = {}}; }
  double time(const std::function<void()>&) override { return 0; }
  void evict_caches() override {}
  Peak arithmetic_peak(Precision) override { return {}; }
  Peak copy_rate() override { return {}; }
};

class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    put_bare_metal(root);
    root.put("/proc/loadavg", "0.05 0.10 0.08 1/413 5828\n");
    root.put("/proc/pressure/cpu", "some avg10=0.25 avg60=0.54 avg300=0.17 total=3133537\n");
    root.put(kHugePages, "[always] madvise never\n").put(kClock, "tsc\n").put(kRapl, "123456\n");
    root.put(kCpus + "intel_pstate/no_turbo", "0\n").put(kCpus + "isolated", "\n");
    root.put(kCpus + "cpu0/thermal_throttle/package_throttle_count", "0\n");
    root.put("/sys/devices/system/node/node0/cpulist", "0-7\n").put("/proc/sys/kernel/numa_balancing", "1\n");
    backends.resize(2);
    backends[0].name = "cpu";
    backends[0].libraries = {{"OpenBLAS", "0.3.29 SapphireRapids"}, {"oneDNN", "3.7.0"}};
    backends[1].name = "cuda";
    backends[1].device = std::make_unique<NamedDevice>();
  }

  std::vector<Finding> findings() const {
    return examine(describe_machine(root.path()), backends, root.path());
  }

  Finding about(const std::string& subject) const {
    for (const Finding& finding : findings())
      if (finding.subject == subject) return finding;
    return {Severity::good, "", "", ""};
  }

  /// The finding on `subject` must not complain before `file` reads `text`, and must afterwards.
  void expect_change(const std::string& subject, const std::string& file, const std::string& text,
                     const std::string& state, const std::string& remedy) {
    EXPECT_EQ(about(subject).severity, Severity::good) << subject;
    root.put(file, text);
    const Finding finding = about(subject);
    EXPECT_EQ(finding.severity, Severity::distorts) << subject;
    EXPECT_NE(finding.state.find(state), std::string::npos) << finding.state;
    EXPECT_NE(finding.remedy.find(remedy), std::string::npos) << finding.remedy;
  }

  FakeRoot root;
  std::vector<Backend> backends;
};

}  // namespace breakeven
