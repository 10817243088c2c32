// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "harness/telemetry.h"

namespace breakeven::cpu {

/// Reads the sensors of the host's processor through sysfs and procfs. Whatever cannot be read is absent.
/// `root` is a directory that stands for `/`, for tests.
class CpuTelemetry {
 public:
  explicit CpuTelemetry(std::filesystem::path root = "/");
  /// Energy is a running counter since construction, over all packages; utilisation is that of all cores
  /// since the reading before.
  Telemetry read();

 private:
  /// A RAPL package: its counter in microjoules starts again at 0 after `range`.
  struct EnergyCounter {
    std::filesystem::path file;
    double range_joules = 0, last_joules = 0;
  };
  std::optional<double> read_energy();
  std::optional<double> read_clock() const;
  std::optional<double> read_temperature() const;
  std::optional<double> read_utilisation();
  std::optional<int64_t> read_resident_bytes() const;

  const std::filesystem::path root_;
  std::vector<EnergyCounter> packages_;
  double joules_ = 0;
  double busy_ticks_ = 0, all_ticks_ = 0;
};

}  // namespace breakeven::cpu
