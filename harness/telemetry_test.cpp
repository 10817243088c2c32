// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/telemetry.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

TEST(Telemetry, EnergyIsADifferenceAndPowerFollowsFromIt) {
  Telemetry before, after;
  before.energy_joules = 1000;
  after.energy_joules = 1030;
  after.power_watts = 999;
  const Telemetry span = between(before, after, 2);
  EXPECT_EQ(span.energy_joules, 30);
  EXPECT_EQ(span.power_watts, 15);
}

TEST(Telemetry, WithoutACounterPowerIsAsReadLast) {
  Telemetry before, after;
  before.power_watts = 80;
  after.power_watts = 120;
  EXPECT_EQ(between(before, after, 2).power_watts, 120);
  EXPECT_FALSE(between(before, after, 2).energy_joules);
}

TEST(Telemetry, NoEnergyFromOneReadingOrFromACounterThatWrapped) {
  Telemetry low, high;
  low.energy_joules = 5;
  high.energy_joules = 60000;
  EXPECT_FALSE(between({}, high, 1).energy_joules);
  EXPECT_FALSE(between(high, low, 1).energy_joules);
  EXPECT_FALSE(between(high, low, 1).power_watts);
}

TEST(Telemetry, NoPowerOverNoTime) {
  Telemetry before, after;
  before.energy_joules = 1;
  after.energy_joules = 2;
  EXPECT_EQ(between(before, after, 0).energy_joules, 1);
  EXPECT_FALSE(between(before, after, 0).power_watts);
}

TEST(Telemetry, ThrottledIfEitherReadingSaysSo) {
  Telemetry unknown, yes, no;
  yes.throttled = true;
  no.throttled = false;
  EXPECT_EQ(between(yes, no, 1).throttled, true);
  EXPECT_EQ(between(no, yes, 1).throttled, true);
  EXPECT_EQ(between(no, no, 1).throttled, false);
  EXPECT_EQ(between(unknown, no, 1).throttled, false);
  EXPECT_FALSE(between(unknown, unknown, 1).throttled);
}

TEST(Telemetry, TheRestIsAsReadLast) {
  Telemetry before, after;
  before.clock_hz = 3e9;
  after.clock_hz = 2e9;
  before.temperature_c = 40;
  after.utilisation = 0.5;
  after.memory_bytes = 7;
  const Telemetry span = between(before, after, 1);
  EXPECT_EQ(span.clock_hz, 2e9);
  EXPECT_EQ(span.temperature_c, 40);
  EXPECT_EQ(span.utilisation, 0.5);
  EXPECT_EQ(span.memory_bytes, 7);
}

}  // namespace
}  // namespace breakeven
