// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/telemetry.h"

namespace breakeven {
namespace {

template <class T>
std::optional<T> last(const std::optional<T>& before, const std::optional<T>& after) {
  return after ? after : before;
}

}  // namespace

Telemetry between(const Telemetry& before, const Telemetry& after, double seconds) {
  Telemetry span;
  span.power_watts = last(before.power_watts, after.power_watts);
  span.clock_hz = last(before.clock_hz, after.clock_hz);
  span.temperature_c = last(before.temperature_c, after.temperature_c);
  span.utilisation = last(before.utilisation, after.utilisation);
  span.memory_bytes = last(before.memory_bytes, after.memory_bytes);
  // A counter that runs backwards was reset or wrapped: how much was used in between is not known.
  if (before.energy_joules && after.energy_joules && *after.energy_joules >= *before.energy_joules) {
    span.energy_joules = *after.energy_joules - *before.energy_joules;
    if (seconds > 0) span.power_watts = *span.energy_joules / seconds;
  }
  if (before.throttled || after.throttled)
    span.throttled = before.throttled.value_or(false) || after.throttled.value_or(false);
  return span;
}

}  // namespace breakeven
