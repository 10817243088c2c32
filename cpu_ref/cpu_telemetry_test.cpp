// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu_telemetry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/fake_root.h"

namespace breakeven::cpu {
namespace {

TEST(CpuTelemetry, IsAbsentWhereNothingCanBeRead) {
  const FakeRoot root;
  const Telemetry t = CpuTelemetry(root.path()).read();
  EXPECT_FALSE(t.energy_joules || t.power_watts || t.clock_hz || t.temperature_c || t.utilisation ||
               t.memory_bytes || t.throttled);
}

TEST(CpuTelemetry, AddsUpPackagesAndFollowsTheirWrap) {
  FakeRoot root;
  const std::string rapl = "/sys/class/powercap/intel-rapl:";
  for (const std::string zone : {"0", "1"}) {
    root.put(rapl + zone + "/name", "package-" + zone + "\n");
    root.put(rapl + zone + "/max_energy_range_uj", "10000000\n");
    root.put(rapl + zone + "/energy_uj", "9000000\n");
  }
  root.put(rapl + "0:0/name", "core\n")
      .put(rapl + "0:0/energy_uj", "1\n")
      .put(rapl + "0:0/max_energy_range_uj", "9\n");
  CpuTelemetry telemetry(root.path());
  EXPECT_DOUBLE_EQ(telemetry.read().energy_joules.value(), 0);
  root.put(rapl + "0/energy_uj", "9500000\n")
      .put(rapl + "1/energy_uj", "2000000\n");  // the second has wrapped
  EXPECT_DOUBLE_EQ(telemetry.read().energy_joules.value(), 0.5 + 3);
  root.remove(rapl + "1/energy_uj");
  EXPECT_FALSE(telemetry.read().energy_joules);
}

TEST(CpuTelemetry, AveragesClocks) {
  FakeRoot root;
  root.put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n");
  root.put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "4000000\n");
  root.put_directory("/sys/devices/system/cpu/cpufreq");
  EXPECT_DOUBLE_EQ(CpuTelemetry(root.path()).read().clock_hz.value(), 3.5e9);
}

TEST(CpuTelemetry, TakesTheHottestProcessorSensor) {
  FakeRoot root;
  root.put("/sys/class/hwmon/hwmon0/name", "nvme\n").put("/sys/class/hwmon/hwmon0/temp1_input", "90000\n");
  root.put("/sys/class/hwmon/hwmon1/name", "k10temp\n").put("/sys/class/hwmon/hwmon1/temp1_input", "45000\n");
  root.put("/sys/class/hwmon/hwmon1/temp3_input", "55500\n")
      .put("/sys/class/hwmon/hwmon1/temp3_label", "Tccd1\n");
  EXPECT_DOUBLE_EQ(CpuTelemetry(root.path()).read().temperature_c.value(), 55.5);
  const FakeRoot other;
  FakeRoot zones;
  zones.put("/sys/class/thermal/thermal_zone0/type", "acpitz\n")
      .put("/sys/class/thermal/thermal_zone0/temp", "20000\n");
  zones.put("/sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
  zones.put("/sys/class/thermal/thermal_zone1/temp", "61000\n");
  EXPECT_DOUBLE_EQ(CpuTelemetry(zones.path()).read().temperature_c.value(), 61);
}

TEST(CpuTelemetry, UtilisationIsSinceTheReadingBefore) {
  FakeRoot root;
  root.put("/proc/stat", "cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 1 2 3\n");
  CpuTelemetry telemetry(root.path());
  EXPECT_FALSE(telemetry.read().utilisation);  // no tick has passed
  root.put("/proc/stat", "cpu  130 0 20 930 20 0 0 0 0 0\n");
  EXPECT_DOUBLE_EQ(telemetry.read().utilisation.value(), 0.5);
}

TEST(CpuTelemetry, MemoryIsResidentPages) {
  FakeRoot root;
  root.put("/proc/self/statm", "1000 250 10 1 0 20 0\n");
  EXPECT_EQ(CpuTelemetry(root.path()).read().memory_bytes.value(), 250 * sysconf(_SC_PAGESIZE));
}

}  // namespace
}  // namespace breakeven::cpu
