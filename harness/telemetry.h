// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace breakeven {

/// One reading of a device's sensors, or, once `between` was applied, what happened over a measurement. Every
/// field is absent where it cannot be read; nothing is modelled.
struct Telemetry {
  std::optional<double> energy_joules;  // a running counter in a reading; the difference in a span
  std::optional<double> power_watts;
  std::optional<double> clock_hz;
  std::optional<double> temperature_c;
  std::optional<double> utilisation;    // 0..1
  std::optional<int64_t> memory_bytes;  // in use by this process (CPU) or on the device (GPU)
  std::optional<bool> throttled;
};

/// What happened from `before` to `after`, `seconds` apart: energy as a difference (and power from it),
/// throttled if either reading says so, the rest as read last.
Telemetry between(const Telemetry& before, const Telemetry& after, double seconds);

}  // namespace breakeven
