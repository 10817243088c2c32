// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/topology.h"

#include <omp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>

namespace breakeven {
namespace {

std::vector<int> both(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common;
}

/// For a real machine without /proc.
std::vector<int> affinity_of_this_thread() {
  std::vector<int> cpus;
  for (int capacity = CPU_SETSIZE; capacity <= 1 << 16; capacity *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(capacity),
                                                               [](cpu_set_t* s) { CPU_FREE(s); });
    if (!set || sched_getaffinity(0, CPU_ALLOC_SIZE(capacity), set.get()) != 0)
      continue;  // more CPUs than that
    for (int cpu = 0; cpu < capacity; ++cpu)
      if (CPU_ISSET_S(cpu, CPU_ALLOC_SIZE(capacity), set.get())) cpus.push_back(cpu);
    break;
  }
  return cpus;
}

/// Where OMP_PROC_BIND or OMP_PLACES is set, libgomp pins the first thread already when it is loaded, so that
/// this thread's mask is one core; what the process was given are all of OpenMP's places. None where neither
/// is set.
std::vector<int> openmp_places() {
  std::vector<int> cpus;
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> ids(static_cast<size_t>(std::max(0, omp_get_place_num_procs(place))));
    if (!ids.empty()) omp_get_place_proc_ids(place, ids.data());
    cpus.insert(cpus.end(), ids.begin(), ids.end());
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

/// Distinct (package, core) pairs among `own`, from /proc/cpuinfo: where there is no /sys.
int cores_from_cpuinfo(const SystemFiles& files, const std::vector<int>& own) {
  std::set<std::pair<int64_t, int64_t>> cores;
  const std::string text = files.text("/proc/cpuinfo");
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view block = rest.substr(0, rest.find("\n\n"));
    rest.remove_prefix(std::min(rest.size(), block.size() + 2));
    const std::optional<int64_t> cpu = parse_integer(field(block, "processor"));
    const std::optional<int64_t> core = parse_integer(field(block, "core id"));
    if (cpu && core && std::binary_search(own.begin(), own.end(), *cpu))
      cores.emplace(parse_integer(field(block, "physical id")).value_or(0), *core);
  }
  return static_cast<int>(cores.size());
}

/// Cores among `own` from the lists of sibling threads. One read tells about all siblings of a core.
int cores_from_sysfs(const SystemFiles& files, const std::vector<int>& own) {
  std::set<int> seen;
  int cores = 0;
  for (const int cpu : own) {
    if (seen.contains(cpu)) continue;
    const std::vector<int> siblings = parse_cpu_list(
        files.text("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list"));
    if (!std::binary_search(siblings.begin(), siblings.end(), cpu)) return 0;
    seen.insert(siblings.begin(), siblings.end());
    ++cores;
  }
  return cores;
}

}  // namespace

std::vector<int> online_cpus(const SystemFiles& files) {
  std::vector<int> cpus = parse_cpu_list(files.text("/sys/devices/system/cpu/online"));
  if (!cpus.empty()) return cpus;
  const std::string cpuinfo = files.text("/proc/cpuinfo");
  for (std::string_view rest = cpuinfo; !rest.empty();) {
    const std::string_view line = take_until(rest, '\n');
    const std::vector<int> one = parse_cpu_list(field(line, "processor"));
    if (one.size() == 1) cpus.push_back(one[0]);
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  if (!cpus.empty()) return cpus;
  cpus.resize(files.is_real() ? static_cast<size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))) : 1);
  std::iota(cpus.begin(), cpus.end(), 0);
  return cpus;
}

std::vector<int> own_cpus(const SystemFiles& files, const std::vector<int>& online,
                          const std::vector<int>& cpuset) {
  std::vector<int> allowed = files.is_real() ? openmp_places() : std::vector<int>();
  if (allowed.empty())
    allowed = parse_cpu_list(field(files.text("/proc/self/status", 16384), "Cpus_allowed_list"));
  if (allowed.empty() && files.is_real()) allowed = affinity_of_this_thread();
  std::vector<int> own = online;
  for (const std::vector<int>* mask : {&std::as_const(allowed), &cpuset})
    if (std::vector<int> narrowed = both(own, *mask); !narrowed.empty()) own = std::move(narrowed);
  return own;
}

Cores count_cores(const SystemFiles& files, const std::vector<int>& online, const std::vector<int>& own,
                  std::optional<double> quota) {
  Cores cores;
  cores.logical_online = static_cast<int>(online.size());
  cores.affinity = static_cast<int>(own.size());
  cores.physical = cores_from_sysfs(files, own);
  if (cores.physical == 0) cores.physical = cores_from_cpuinfo(files, own);
  if (cores.physical == 0) cores.physical = cores.affinity;
  cores.quota = quota;
  const double whole = quota ? std::floor(*quota) : cores.physical;
  cores.usable = static_cast<int>(std::clamp<double>(whole, 1, cores.physical));
  return cores;
}

Caches caches_of(const SystemFiles& files, int cpu) {
  Caches caches;
  int64_t last_level = 0;
  for (int index = 0; index < 16; ++index) {
    const std::string directory =
        "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cache/index" + std::to_string(index);
    const std::optional<int64_t> level = files.integer(directory + "/level");
    if (!level) break;
    const std::optional<int64_t> bytes = parse_bytes(files.line(directory + "/size"));
    if (!bytes || *bytes <= 0 || files.line(directory + "/type") == "Instruction") continue;
    if (*level == 1) caches.l1d_bytes = *bytes;
    if (*level == 2) caches.l2_bytes = *bytes;
    if (*level > last_level) {
      last_level = *level;
      caches.last_level_bytes = *bytes;
    }
  }
  return caches;
}

}  // namespace breakeven
