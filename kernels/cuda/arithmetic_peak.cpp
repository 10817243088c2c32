// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/arithmetic_peak.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/peak_loops.h"

namespace breakeven::cuda {
namespace {

constexpr double kRunSeconds = 5e-3;
constexpr int kRuns = 5;

struct Probe {
  PeakLoop loop;
  std::string_view method;
  int newest;  // up to this compute capability the loop reaches what the unit can do
};

/// Loops worth trying, the unit that should win first.
std::vector<Probe> probes(Precision precision) {
  const Probe fma{fma_loop, "FMA loop on CUDA cores", 90};
  const Probe wmma{wmma_loop, "WMMA loop on tensor cores", 89};
  const Probe mma{mma_loop, "mma loop on tensor cores", 89};
  const Probe wgmma{wgmma_loop, "wgmma loop on tensor cores", 90};
  // Narrow inputs are computed in fp32 where the device has no tensor cores for them: a floor, nobody's
  // ceiling.
  const Probe fallback{fma_loop, "FMA loop in fp32 on CUDA cores", 0};
  switch (precision) {
    case Precision::fp32:
      return {fma};
    case Precision::fp64:
      return {mma, wmma, {fma_loop, "FMA loop on CUDA cores", 89}};
    case Precision::tf32:
    case Precision::bf16:
    case Precision::fp16:
      return {wgmma, wmma, fallback};
    case Precision::int8:
      return {wgmma, wmma};
    case Precision::fp8e4m3:
      return {wgmma, mma};
    case Precision::u8:
      return {};
  }
  return {};
}

/// Flop/s of one loop, the best of a few runs; 0 when this build or this device cannot run it.
double rate(PeakLoop loop, PeakRun run, GatedClock& clock, const DeviceBuffer& ran) {
  ran.fill(0, run.stream);
  run.iterations = 16;
  if (loop(run) == 0) return 0;
  uint32_t did_run = 0;
  ran.download(0, &did_run, run.stream);
  if (did_run != 1) return 0;
  double best = 0, flops = 0;
  while (clock.time([&] { flops = loop(run); }) < kRunSeconds && run.iterations < (1 << 28))
    run.iterations *= 2;
  for (int i = 0; i < kRuns; ++i) {
    const double seconds = clock.time([&] { flops = loop(run); });
    best = std::max(best, flops / seconds);
  }
  return best;
}

}  // namespace

Peak measure_arithmetic_peak(const Context& context, GatedClock& clock, Precision precision) {
  context.use();
  const DeviceBuffer ran(sizeof(uint32_t), 1, context.stream());
  const PeakRun run{precision, 0, context.properties().multiProcessorCount, ran.as<uint32_t>(),
                    context.stream()};
  Peak peak{0, PeakKind::lower_bound, "no loop for this precision runs on this device"};
  for (const Probe& probe : probes(precision)) {
    const double found = rate(probe.loop, run, clock, ran);
    if (found <= peak.rate) continue;
    const PeakKind kind = context.capability() <= probe.newest ? PeakKind::attainable : PeakKind::lower_bound;
    peak = {found, kind, fmt::format("{}, fastest of {}", probe.method, kRuns)};
  }
  return peak;
}

}  // namespace breakeven::cuda
