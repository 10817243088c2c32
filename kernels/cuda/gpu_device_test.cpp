// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/device.h"
#include "kernels/cuda/device_kernels.h"
#include "kernels/cuda/gpu_fixture.h"

namespace breakeven::cuda {
namespace {

TEST_F(Gpu, DescribesItself) {
  const GpuDevice device(context);
  const DeviceInfo info = device.info();
  EXPECT_EQ(info.id, "cuda:0");
  EXPECT_FALSE(info.name.empty());
  EXPECT_GT(info.memory_bytes, int64_t{1} << 30);
  EXPECT_GT(info.available_bytes, 0);
  EXPECT_LE(info.available_bytes, info.memory_bytes);
  EXPECT_GT(info.last_level_cache_bytes, 0);
  for (const auto& [fact, value] : info.facts) std::printf("  %s: %s\n", fact.c_str(), value.c_str());
}

// The one thing here that is about time: 10 ms of the device's own clock cannot take 5 or, but for a broken
// clock, 100.
TEST_F(Gpu, TimesAKnownDuration) {
  GpuDevice device(context);
  const double seconds = device.time([&] { launch_spin(0.01, context->stream()); });
  EXPECT_GT(seconds, 0.005);
  EXPECT_LT(seconds, 0.1);
}

TEST_F(Gpu, TimesManyLaunchesAndWorkThatWaits) {
  GpuDevice device(context);
  // More launches than a stream's queue holds, and work that waits behind the gate: neither may hang.
  const double many = device.time([&] {
    for (int i = 0; i < 3000; ++i) launch_spin(0, context->stream());
  });
  EXPECT_GT(many, 0);
  const double waits = device.time([&] {
    launch_spin(1e-4, context->stream());
    context->synchronize();
  });
  EXPECT_GT(waits, 0);
  EXPECT_THROW(device.time([] { throw std::runtime_error("the work failed"); }), std::runtime_error);
  EXPECT_GE(device.time([] {}), 0);
}

TEST_F(Gpu, MeasuresPeaks) {
  GpuDevice device(context);
  device.evict_caches();
  const Peak copy = device.copy_rate();
  EXPECT_GT(copy.rate, 1e9);
  std::printf("  copy: %.4g byte/s, %s\n", copy.rate, copy.method.c_str());
  for (const Precision precision : all_precisions()) {
    const Peak peak = device.arithmetic_peak(precision);
    std::printf("  %s: %.4g flop/s%s, %s\n", std::string(name(precision)).c_str(), peak.rate,
                peak.kind == PeakKind::lower_bound ? " (lower bound)" : "", peak.method.c_str());
    if (precision == Precision::fp32 || precision == Precision::fp64) {
      EXPECT_GT(peak.rate, 1e9);
    }
  }
}

TEST_F(Gpu, ReadsItsSensors) {
  GpuDevice device(context);
  const Telemetry now = device.telemetry();
  if (now.power_watts) {
    EXPECT_GT(*now.power_watts, 0);
  }
  if (now.temperature_c) {
    EXPECT_GT(*now.temperature_c, 0);
  }
  if (now.utilisation) {
    EXPECT_LE(*now.utilisation, 1);
  }
  std::printf("  power %s, energy %s, clock %s\n", now.power_watts ? "read" : "absent",
              now.energy_joules ? "read" : "absent", now.clock_hz ? "read" : "absent");
}

}  // namespace
}  // namespace breakeven::cuda
