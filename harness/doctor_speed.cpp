// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// How fast the part of the machine that we have runs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "harness/doctor_checks.h"
#include "harness/isa.h"

namespace breakeven::doctor {
namespace {

const std::string kCpus = "/sys/devices/system/cpu";

bool has(const Machine& machine, std::string_view feature) {
  return std::find(machine.isa.begin(), machine.isa.end(), feature) != machine.isa.end();
}

}  // namespace

Found instruction_set(const Look& look) {
  if (look.machine.isa.empty())
    return Finding{Severity::missing, "instruction sets", "/proc/cpuinfo names none that is known here", ""};
  const std::string all = fmt::format("{}", fmt::join(look.machine.isa, " "));
  if (has(look.machine, "avx2") || has(look.machine, "neon"))
    return Finding{Severity::good, "instruction sets", all, ""};
  return Finding{
      Severity::distorts, "instruction sets", all + ": no AVX2, so libraries fall back to slow kernels",
      "in a virtual machine, pass on the host's CPU (QEMU: -cpu host; libvirt: mode='host-passthrough')"};
}

Found matrix_unit(const Look& look) {
  switch (amx_access(look.files, look.processor)) {
    case UnitAccess::absent:
      return std::nullopt;
    case UnitAccess::usable:
      return Finding{Severity::good, "AMX", "present and permitted by the kernel", ""};
    case UnitAccess::refused:
      break;
  }
  return Finding{
      Severity::distorts, "AMX",
      "the CPU has it, but the kernel does not let programs use it: bf16 and int8 run several times "
      "slower than this CPU can",
      "boot Linux 5.16 or newer; in a container, allow arch_prctl in the seccomp profile"};
}

Found governor(const Look& look) {
  size_t readable = 0, slow = 0;
  std::set<std::string> names;
  for (const int cpu : look.own) {
    const std::string one = look.files.line(fmt::format("{}/cpu{}/cpufreq/scaling_governor", kCpus, cpu));
    if (one.empty()) continue;
    ++readable;
    if (one == "performance") continue;
    ++slow;
    names.insert(one);
  }
  if (readable == 0)
    return Finding{Severity::missing, "CPU governor",
                   "not readable here: the clock is not ours to see or set", ""};
  if (slow == 0) return Finding{Severity::good, "CPU governor", "performance", ""};
  return Finding{Severity::distorts, "CPU governor",
                 fmt::format("{} on {} of {} hardware threads: clocks rise only after work has begun",
                             fmt::join(names, ", "), slow, look.own.size()),
                 "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"};
}

Found boost(const Look& look) {
  const std::optional<int64_t> no_turbo = look.files.integer(kCpus + "/intel_pstate/no_turbo");
  const std::optional<int64_t> boosts = look.files.integer(kCpus + "/cpufreq/boost");
  if (!no_turbo && !boosts) return std::nullopt;
  const bool off = no_turbo ? *no_turbo == 1 : *boosts == 0;
  if (!off)
    return Finding{Severity::good, "turbo", "on: clocks follow temperature and the number of busy cores", ""};
  return Finding{Severity::distorts, "turbo", "off: the CPU stays below the clocks it is sold with",
                 no_turbo ? "echo 0 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
                          : "echo 1 | sudo tee /sys/devices/system/cpu/cpufreq/boost"};
}

Found throttling(const Look& look) {
  const std::optional<int64_t> events = look.files.integer(
      fmt::format("{}/cpu{}/thermal_throttle/package_throttle_count", kCpus, look.own.front()));
  if (!events) return std::nullopt;
  if (*events <= 0) return Finding{Severity::good, "CPU temperature", "never throttled since boot", ""};
  return Finding{
      Severity::distorts, "CPU temperature",
      fmt::format("the CPU lowered its clocks {} times since boot because it was too hot", *events),
      "see to cooling and air flow, let the machine cool down between runs"};
}

Found battery(const Look& look) {
  const std::string supplies = "/sys/class/power_supply/";
  for (const std::string& supply : look.files.entries(supplies)) {
    const bool feeds_a_device =
        look.files.line(supplies + supply + "/scope") == "Device";  // a mouse's own cell
    if (!feeds_a_device && look.files.line(supplies + supply + "/status") == "Discharging")
      return Finding{Severity::distorts, "power supply", "running on battery: firmware and system save power",
                     "plug the machine in"};
  }
  return std::nullopt;
}

}  // namespace breakeven::doctor
