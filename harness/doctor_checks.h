// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/doctor.h"
#include "harness/system_files.h"

namespace breakeven::doctor {

/// What every check may look at.
struct Look {
  const Machine& machine;
  const std::vector<Backend>& backends;
  const SystemFiles& files;
  std::string_view processor;  // the first processor of /proc/cpuinfo
  std::vector<int> own;        // hardware threads this process may use
};

/// Nothing where there is nothing to look at ("no battery in this machine").
using Found = std::optional<Finding>;

/// Whether an environment variable was set, and not to nothing, when this process was started.
bool is_set(const SystemFiles&, std::string_view variable);

// What the process is given of the machine.
Found affinity(const Look&);
Found quota(const Look&);
Found isolated_cpus(const Look&);
Found sibling_threads(const Look&);
Found virtual_machine(const Look&);
Found environment(const Look&);

// How fast that part runs.
Found instruction_set(const Look&);
Found matrix_unit(const Look&);
Found governor(const Look&);
Found boost(const Look&);
Found throttling(const Look&);
Found battery(const Look&);

// What else goes on in the system.
Found load(const Look&);
Found pressure(const Look&);
Found steal(const Look&);
Found memory(const Look&);
Found swap(const Look&);
Found huge_pages(const Look&);
Found numa_balancing(const Look&);
Found clock_source(const Look&);

// Contenders and readings.
Found openblas(const Look&);
Found onednn(const Look&);
Found gpu(const Look&);
Found cpu_energy(const Look&);
Found cache_size(const Look&);

/// How the program was compiled.
struct Build {
  bool optimised, assertions, sanitized;
};
Build this_build();
Finding build(const Build&);

}  // namespace breakeven::doctor
