// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/system_files.h"

namespace breakeven {

/// Counters of who had to wait for a CPU, as read at one moment. Absent where the system does not tell.
struct CpuWaiting {
  std::optional<double> stalled_seconds;    // some task of the system was waiting (PSI cpu, "some")
  std::optional<double> stolen, all_ticks;  // of the virtual CPUs' time, what the host gave to others
  std::optional<double> delay_seconds;      // this process's threads, ready to run and not running, in sum
  std::optional<int64_t> involuntary;       // times one of them was put aside
};
CpuWaiting cpu_waiting(const SystemFiles&);

/// What of the `seconds` between two readings others took from this process's `threads`, a sentence each;
/// empty when they were left alone: some task waiting over 5 % of the time, over 1 % stolen, threads delayed
/// by over 2 % of their time.
std::vector<std::string> contention(const CpuWaiting& before, const CpuWaiting& after, double seconds,
                                    int threads);

}  // namespace breakeven
