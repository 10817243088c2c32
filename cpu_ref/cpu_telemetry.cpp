// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu_telemetry.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace breakeven::cpu {
namespace {

namespace fs = std::filesystem;

std::optional<double> number_in(const fs::path& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

std::string word_in(const fs::path& file) {
  std::ifstream in(file);
  std::string word;
  in >> word;
  return word;
}

/// Entries of a directory whose names start with `prefix`, in order; none where it cannot be listed.
std::vector<fs::path> entries(const fs::path& directory, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

CpuTelemetry::CpuTelemetry(fs::path root) : root_(std::move(root)) {
  for (const fs::path& zone : entries(root_ / "sys/class/powercap", "intel-rapl:")) {
    // Packages only: core and memory zones ("intel-rapl:0:1") are parts of them.
    if (!word_in(zone / "name").starts_with("package")) continue;
    const auto range = number_in(zone / "max_energy_range_uj"), now = number_in(zone / "energy_uj");
    if (range && now) packages_.push_back({zone / "energy_uj", *range * 1e-6, *now * 1e-6});
  }
  read_utilisation();
}

Telemetry CpuTelemetry::read() {
  Telemetry t;
  t.energy_joules = read_energy();
  t.clock_hz = read_clock();
  t.temperature_c = read_temperature();
  t.utilisation = read_utilisation();
  t.memory_bytes = read_resident_bytes();
  return t;
}

std::optional<double> CpuTelemetry::read_energy() {
  if (packages_.empty()) return std::nullopt;
  for (EnergyCounter& package : packages_) {
    const auto microjoules = number_in(package.file);
    if (!microjoules) return std::nullopt;
    const double now = *microjoules * 1e-6;
    joules_ += now - package.last_joules + (now < package.last_joules ? package.range_joules : 0);
    package.last_joules = now;
  }
  return joules_;
}

/// The mean over the cores that say.
std::optional<double> CpuTelemetry::read_clock() const {
  double sum = 0;
  int cores = 0;
  for (const fs::path& cpu : entries(root_ / "sys/devices/system/cpu", "cpu")) {
    const auto kilohertz = number_in(cpu / "cpufreq/scaling_cur_freq");
    if (kilohertz) sum += *kilohertz * 1e3, ++cores;
  }
  return cores > 0 ? std::optional(sum / cores) : std::nullopt;
}

/// The hottest processor sensor: hwmon drivers by name, else a thermal zone of the package.
std::optional<double> CpuTelemetry::read_temperature() const {
  std::optional<double> hottest;
  const auto take = [&](std::optional<double> millidegrees) {
    if (millidegrees) hottest = std::max(hottest.value_or(-273.15), *millidegrees * 1e-3);
  };
  for (const fs::path& chip : entries(root_ / "sys/class/hwmon", "hwmon")) {
    const std::string driver = word_in(chip / "name");
    if (driver != "coretemp" && driver != "k10temp" && driver != "zenpower") continue;
    for (const fs::path& sensor : entries(chip, "temp")) {
      if (sensor.filename().string().ends_with("_input")) take(number_in(sensor));
    }
  }
  for (const fs::path& zone : entries(root_ / "sys/class/thermal", "thermal_zone")) {
    const std::string type = word_in(zone / "type");
    if (!hottest && (type == "x86_pkg_temp" || type.starts_with("cpu"))) take(number_in(zone / "temp"));
  }
  return hottest;
}

std::optional<double> CpuTelemetry::read_utilisation() {
  // "cpu  user nice system idle iowait irq softirq steal guest guest_nice"; guest is counted in user already.
  std::ifstream in(root_ / "proc/stat");
  std::string label;
  double ticks[8];
  in >> label;
  for (double& t : ticks) in >> t;
  if (!in || label != "cpu") return std::nullopt;
  double all = 0;
  for (const double t : ticks) all += t;
  const double busy = all - ticks[3] - ticks[4];
  const double all_delta = all - all_ticks_, busy_delta = busy - busy_ticks_;
  all_ticks_ = all;
  busy_ticks_ = busy;
  return all_delta > 0 ? std::optional(std::clamp(busy_delta / all_delta, 0.0, 1.0)) : std::nullopt;
}

std::optional<int64_t> CpuTelemetry::read_resident_bytes() const {
  std::ifstream in(root_ / "proc/self/statm");
  int64_t total_pages = 0, resident_pages = 0;
  if (!(in >> total_pages >> resident_pages)) return std::nullopt;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

}  // namespace breakeven::cpu
