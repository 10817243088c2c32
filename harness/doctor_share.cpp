// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What the process is given of the machine.
#include <fmt/format.h>

#include <algorithm>

#include "harness/doctor_checks.h"
#include "harness/virtualisation.h"

namespace breakeven::doctor {
namespace {

/// Variables with which a shell, a batch system or a container quietly changes what libraries do.
constexpr std::string_view kLimiting[] = {
    "OMP_NUM_THREADS",      "OMP_THREAD_LIMIT",     "OMP_DYNAMIC",          "OPENBLAS_NUM_THREADS",
    "GOTO_NUM_THREADS",     "OPENBLAS_CORETYPE",    "OPENBLAS_L2_SIZE",     "OPENBLAS_DEFAULT_NUM_THREADS",
    "DNNL_MAX_CPU_ISA",     "ONEDNN_MAX_CPU_ISA",   "DNNL_VERBOSE",         "ONEDNN_VERBOSE",
    "NVIDIA_TF32_OVERRIDE", "CUDA_LAUNCH_BLOCKING", "CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG",
};

}  // namespace

bool is_set(const SystemFiles& files, std::string_view variable) {
  const std::string all = files.text("/proc/self/environ");
  for (std::string_view rest = all; !rest.empty();) {
    std::string_view entry = take_until(rest, '\0');
    if (take_until(entry, '=') == variable) return !entry.empty();
  }
  return false;
}

Found affinity(const Look& look) {
  const Cores& cores = look.machine.cores;
  if (cores.affinity >= cores.logical_online)
    return Finding{Severity::good, "CPU affinity",
                   fmt::format("all {} hardware threads", cores.logical_online), ""};
  return Finding{
      Severity::distorts, "CPU affinity",
      fmt::format("only {} of {} hardware threads are ours: the numbers are of that part, and work on "
                  "the others shares caches and memory with us",
                  cores.affinity, cores.logical_online),
      "start without taskset, numactl or a container's --cpuset-cpus to measure the whole machine"};
}

Found quota(const Look& look) {
  const Cores& cores = look.machine.cores;
  if (!cores.quota || *cores.quota >= cores.affinity)
    return Finding{Severity::good, "CPU quota", "none below the hardware threads we have", ""};
  return Finding{
      Severity::distorts, "CPU quota",
      fmt::format("{:.2f} cores of {} hardware threads: the kernel stops every thread for the rest of a "
                  "period (100 ms) in which more was used; runs use {} thread{}",
                  *cores.quota, cores.affinity, cores.usable, cores.usable == 1 ? "" : "s"),
      "docker: --cpuset-cpus in place of --cpus; Kubernetes: no CPU limit, or whole CPUs with the static "
      "CPU manager; systemd: no CPUQuota="};
}

Found isolated_cpus(const Look& look) {
  const std::vector<int> isolated = parse_cpu_list(look.files.text("/sys/devices/system/cpu/isolated"));
  const auto ours = std::count_if(look.own.begin(), look.own.end(), [&](int cpu) {
    return std::binary_search(isolated.begin(), isolated.end(), cpu);
  });
  if (ours == 0) return std::nullopt;
  return Finding{
      Severity::distorts, "isolated CPUs",
      fmt::format("{} of our {} hardware threads are isolated (isolcpus): the kernel does not spread "
                  "threads over them, all may end up on one",
                  ours, look.own.size()),
      "pin threads (OMP_PROC_BIND=true OMP_PLACES=cores), or start under taskset without those CPUs"};
}

Found sibling_threads(const Look& look) {
  const Cores& cores = look.machine.cores;
  if (cores.affinity <= cores.physical)
    return Finding{Severity::good, "SMT siblings", "none: every hardware thread has a core of its own", ""};
  return Finding{Severity::good, "SMT siblings",
                 fmt::format("{} hardware threads share {} cores; runs use one thread a core ({})",
                             cores.affinity, cores.physical, cores.usable),
                 ""};
}

Found virtual_machine(const Look& look) {
  const std::string& kind = look.machine.virtualisation;
  if (kind.empty()) return Finding{Severity::good, "virtualisation", "none: bare metal", ""};
  if (kind.starts_with("container:"))
    return Finding{Severity::good, "virtualisation", kind + ": no hypervisor below it", ""};
  return Finding{
      Severity::distorts, "virtualisation",
      kind + ": the numbers are of this virtual machine, and other guests of its host can change them",
      "run with --launches 5 and at different hours, or use a bare-metal or dedicated instance"};
}

Found environment(const Look& look) {
  std::string names;
  for (const std::string_view variable : kLimiting)
    if (is_set(look.files, variable)) names += fmt::format("{}{}", names.empty() ? "" : " ", variable);
  if (names.empty()) return Finding{Severity::good, "environment", "no variable limits a library", ""};
  return Finding{Severity::distorts, "environment",
                 "variables are set that change what libraries do: " + names, "unset " + names};
}

}  // namespace breakeven::doctor
