// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/doctor.h"

#include "harness/cgroup.h"
#include "harness/doctor_checks.h"
#include "harness/topology.h"

namespace breakeven {
namespace {

/// In the order a reader wants them: what would spoil a run first.
constexpr doctor::Found (*kChecks[])(const doctor::Look&) = {
    doctor::load,          doctor::pressure,        doctor::steal,
    doctor::governor,      doctor::boost,           doctor::throttling,
    doctor::battery,       doctor::affinity,        doctor::quota,
    doctor::isolated_cpus, doctor::sibling_threads, doctor::virtual_machine,
    doctor::environment,   doctor::memory,          doctor::swap,
    doctor::huge_pages,    doctor::numa_balancing,  doctor::clock_source,
    doctor::cache_size,    doctor::instruction_set, doctor::matrix_unit,
    doctor::openblas,      doctor::onednn,          doctor::gpu,
    doctor::cpu_energy,
};

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::good:
      return "good";
    case Severity::missing:
      return "missing";
    case Severity::distorts:
      return "distorts";
  }
  return "unknown";
}

std::vector<Finding> examine(const Machine& machine, const std::vector<Backend>& backends,
                             const std::filesystem::path& root) {
  const SystemFiles files(root);
  const std::string cpuinfo = files.text("/proc/cpuinfo", 8192);
  const doctor::Look look{machine, backends, files, std::string_view(cpuinfo).substr(0, cpuinfo.find("\n\n")),
                          own_cpus(files, online_cpus(files), cgroup_limits(files).cpus)};
  std::vector<Finding> findings{doctor::build(doctor::this_build())};
  for (const auto check : kChecks)
    if (doctor::Found found = check(look)) findings.push_back(std::move(*found));
  return findings;
}

}  // namespace breakeven
