// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/system_files.h"

namespace breakeven {

/// What control groups (versions 1 and 2, also mixed) allow this process. A group's own files do not show the
/// limits of the groups around it, so every ancestor that can be seen is asked and the tightest answer
/// counts.
struct CgroupLimits {
  std::optional<double> quota;             // CFS quota in cores
  std::optional<int64_t> memory_bytes;     // limit
  std::optional<int64_t> available_bytes;  // now: least of limit - usage + file cache that can be dropped
  std::vector<int> cpus;                   // cpuset; empty: not known
};

CgroupLimits cgroup_limits(const SystemFiles&);

}  // namespace breakeven
