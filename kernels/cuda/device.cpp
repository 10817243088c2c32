// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "kernels/cuda/arithmetic_peak.h"
#include "kernels/cuda/device_kernels.h"

namespace breakeven::cuda {
namespace {

std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

int64_t rounded_up(int64_t bytes) { return (bytes + 255) / 256 * 256; }

}  // namespace

GpuDevice::GpuDevice(ContextPtr context) : context_(std::move(context)), clock_(context_) {}

const Sensors& GpuDevice::sensors() const {
  if (!sensors_) sensors_ = std::make_unique<Sensors>(context_->properties().uuid);
  return *sensors_;
}

DeviceInfo GpuDevice::info() const {
  context_->use();
  const cudaDeviceProp& properties = context_->properties();
  size_t free = 0, total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  int driver = 0, runtime = 0;
  check_cuda(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check_cuda(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  DeviceInfo info;
  info.id = fmt::format("cuda:{}", context_->ordinal());
  info.name = properties.name;
  info.memory_bytes = static_cast<int64_t>(total);
  info.available_bytes = static_cast<int64_t>(free);
  info.last_level_cache_bytes = properties.l2CacheSize;
  info.facts = {{"uuid", uuid_text(properties.uuid, "GPU")},
                {"compute capability", fmt::format("{}.{}", properties.major, properties.minor)},
                {"multiprocessors", std::to_string(properties.multiProcessorCount)},
                {"driver's CUDA", version_text(driver)},
                {"CUDA runtime", version_text(runtime)}};
  for (auto& fact : sensors().facts()) info.facts.push_back(std::move(fact));
  return info;
}

double GpuDevice::time(const std::function<void()>& work) { return clock_.time(work); }

double GpuDevice::time_on_host(const std::function<void()>& work) {
  context_->use();
  context_->synchronize();
  const auto begin = std::chrono::steady_clock::now();
  work();
  context_->synchronize();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void GpuDevice::evict_caches() {
  context_->use();
  const cudaStream_t stream = context_->stream();
  if (evictor_.copies() == 0) {
    evictor_ = DeviceBuffer(rounded_up(2 * int64_t{context_->properties().l2CacheSize}), 1, stream);
  }
  // Written, then read: after writing alone the cache is full of dirty lines, whose write-back would be on
  // the account of whatever is measured next.
  evictor_.fill(0, stream);
  launch_read(evictor_.at(0), evictor_.bytes(), context_->properties().multiProcessorCount, stream);
  context_->synchronize();
}

Peak GpuDevice::arithmetic_peak(Precision precision) {
  return measure_arithmetic_peak(*context_, clock_, precision);
}

Peak GpuDevice::copy_rate() {
  context_->use();
  constexpr int64_t kAtLeast = int64_t{256} << 20;
  const int64_t bytes = rounded_up(std::max(4 * int64_t{context_->properties().l2CacheSize}, kAtLeast));
  DeviceBuffer buffers;
  try {
    buffers = DeviceBuffer(bytes, 2, context_->stream());
  } catch (const OutOfMemory&) {
    return {0, PeakKind::attainable, "too little free memory for a copy"};
  }
  void *to = buffers.at(0), *from = buffers.at(1);
  const auto own = [&] {
    launch_copy(to, from, bytes, context_->properties().multiProcessorCount, context_->stream());
  };
  const auto driver = [&] {
    check_cuda(
        cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, context_->stream()),
        "copying on the device");
  };
  double fastest_own = 1e9, fastest_driver = 1e9;
  for (int repeat = 0; repeat < 10; ++repeat) {
    fastest_own = std::min(fastest_own, clock_.time(own));
    fastest_driver = std::min(fastest_driver, clock_.time(driver));
  }
  const double seconds = std::min(fastest_own, fastest_driver);
  return {2.0 * static_cast<double>(bytes) / seconds, PeakKind::attainable,
          fmt::format("{} of {} MiB, fastest of 10",
                      fastest_own <= fastest_driver ? "copy kernel" : "cudaMemcpyAsync", bytes >> 20)};
}

Telemetry GpuDevice::telemetry() { return sensors().read(); }

}  // namespace breakeven::cuda
