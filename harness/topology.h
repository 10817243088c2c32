// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "harness/machine.h"
#include "harness/system_files.h"

namespace breakeven {

/// Hardware threads the system has.
std::vector<int> online_cpus(const SystemFiles&);
/// Of those, the ones this process may run on: affinity mask and cpuset (empty: not known). Never empty.
std::vector<int> own_cpus(const SystemFiles&, const std::vector<int>& online, const std::vector<int>& cpuset);
/// Counts for `own` and how many threads a run should use under `quota`.
Cores count_cores(const SystemFiles&, const std::vector<int>& online, const std::vector<int>& own,
                  std::optional<double> quota);
/// Caches as seen by hardware thread `cpu`; 0 where the system does not tell (often in virtual machines on
/// Arm).
Caches caches_of(const SystemFiles&, int cpu);

}  // namespace breakeven
