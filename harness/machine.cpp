// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "harness/cgroup.h"
#include "harness/cpu_name.h"
#include "harness/isa.h"
#include "harness/system_files.h"
#include "harness/topology.h"
#include "harness/virtualisation.h"

namespace breakeven {
namespace {

// A whole /proc/cpuinfo of hundreds of processors takes milliseconds to make; the first one says it all.
constexpr size_t kOneProcessor = 8192;

/// Installed, or what /proc/meminfo claims to be; 0: not known.
int64_t installed_memory(const SystemFiles& files, std::string_view meminfo) {
  const int64_t total = parse_bytes(field(meminfo, "MemTotal")).value_or(0);
  if (total > 0 || !files.is_real()) return total;
  return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

int64_t available(const SystemFiles& files, std::string_view meminfo, const CgroupLimits& limits) {
  std::optional<int64_t> system = parse_bytes(field(meminfo, "MemAvailable"));
  if (!system) system = parse_bytes(field(meminfo, "MemFree"));
  if (!system && files.is_real()) system = int64_t{sysconf(_SC_AVPHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  if (!system) return limits.available_bytes.value_or(0);
  return std::min(*system, limits.available_bytes.value_or(*system));
}

/// "performance"; where hardware threads differ, every one in use: "performance powersave".
std::string governor(const SystemFiles& files, const std::vector<int>& own) {
  std::set<std::string> in_use;
  for (const int cpu : own) {
    std::string one =
        files.line("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor");
    if (one.empty()) break;
    in_use.insert(std::move(one));
  }
  std::string all;
  for (const std::string& one : in_use) all += (all.empty() ? "" : " ") + one;
  return all;
}

std::string operating_system(const SystemFiles& files) {
  std::string text = files.text("/etc/os-release", 65536);
  if (text.empty()) text = files.text("/usr/lib/os-release", 65536);
  std::string_view name = field(text, "PRETTY_NAME", '=');
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
    name = name.substr(1, name.size() - 2);
  return printable(name);
}

void name_system(const SystemFiles& files, Machine& machine) {
  machine.os = operating_system(files);
  machine.kernel = files.line("/proc/sys/kernel/osrelease");
  machine.boot_id = files.line("/proc/sys/kernel/random/boot_id");
  machine.host = files.line("/proc/sys/kernel/hostname");
  utsname names{};
  if (files.is_real() && uname(&names) == 0) {
    if (machine.kernel.empty()) machine.kernel = printable(names.release);
    if (machine.host.empty()) machine.host = printable(names.nodename);
    if (machine.os.empty()) machine.os = printable(names.sysname);
  }
}

}  // namespace

Machine describe_machine(const std::filesystem::path& root) {
  const SystemFiles files(root);
  const CgroupLimits limits = cgroup_limits(files);
  const std::string cpuinfo = files.text("/proc/cpuinfo", kOneProcessor);
  const std::string_view processor = std::string_view(cpuinfo).substr(0, cpuinfo.find("\n\n"));
  const std::string meminfo = files.text("/proc/meminfo", 16384);
  const std::vector<int> online = online_cpus(files);
  const std::vector<int> own = own_cpus(files, online, limits.cpus);

  Machine machine;
  machine.cpu_model = cpu_name(processor);
  machine.cores = count_cores(files, online, own, limits.quota);
  machine.caches = caches_of(files, own.front());
  machine.isa = usable_isa(files, processor);
  machine.memory_bytes = installed_memory(files, meminfo);
  if (limits.memory_bytes && (machine.memory_bytes <= 0 || *limits.memory_bytes < machine.memory_bytes))
    machine.memory_bytes = *limits.memory_bytes;
  machine.available_bytes = available(files, meminfo, limits);
  machine.governor = governor(files, own);
  machine.virtualisation = virtualisation(files, processor);
  name_system(files, machine);
  return machine;
}

int64_t available_memory(const std::filesystem::path& root) {
  const SystemFiles files(root);
  return available(files, files.text("/proc/meminfo", 16384), cgroup_limits(files));
}

}  // namespace breakeven
