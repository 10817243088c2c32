// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include "cpu_ref/cpu_telemetry.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/peaks.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kAssumedCacheBytes = 32 << 20;  // where the system does not say (some virtual machines)
constexpr int64_t kCacheLine = 64;

class CpuDevice : public Device {
 public:
  CpuDevice(const Machine& machine, int threads)
      : machine_(machine),
        threads_(threads),
        cache_bytes_(all_last_level_caches(
            machine.caches.last_level_bytes > 0 ? machine.caches.last_level_bytes : kAssumedCacheBytes)) {}

  DeviceInfo info() const override {
    const Cores& cores = machine_.cores;
    return {
        .id = "cpu",
        .name = machine_.cpu_model,
        .memory_bytes = machine_.memory_bytes,
        .available_bytes = available_memory(),
        .last_level_cache_bytes = cache_bytes_,
        .threads = threads_,
        .facts = {{"cores", fmt::format("{} usable of {}", cores.usable, cores.logical_online)},
                  {"governor", machine_.governor.empty() ? "not readable" : machine_.governor},
                  {"virtualisation", machine_.virtualisation.empty() ? "none" : machine_.virtualisation}}};
  }

  double time(const std::function<void()>& work) override {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  /// Every thread reads and writes its part of twice the caches, so that each line they held has been
  /// replaced and what replaced it is of no use to anyone.
  void evict_caches() override {
    if (eviction_.slots() == 0) {
      eviction_ = SlottedPages(1, 2 * cache_bytes_);
      eviction_.fill(0);
    }
    volatile unsigned char* bytes = reinterpret_cast<unsigned char*>(eviction_.at(0));
    const int64_t size = eviction_.bytes();
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (int64_t i = 0; i < size; i += kCacheLine) bytes[i] = static_cast<unsigned char>(bytes[i] + 1);
  }

  Peak arithmetic_peak(Precision precision) override {
    return measure_peak(choose_peak(precision), threads_);
  }

  Peak copy_rate() override {
    // Both buffers together four times the caches, or twice where those are huge; within a quarter of what is
    // free.
    constexpr int64_t kHuge = 128 << 20;
    const int64_t wanted = cache_bytes_ > kHuge ? cache_bytes_ : 2 * cache_bytes_,
                  most = available_memory() / 8;
    return measure_copy(std::min(wanted, most) / kCacheLine * kCacheLine, threads_);
  }

  Telemetry telemetry() override { return telemetry_.read(); }

 private:
  const Machine machine_;
  const int threads_;
  const int64_t cache_bytes_;
  SlottedPages eviction_;
  CpuTelemetry telemetry_;
};

}  // namespace

int64_t all_last_level_caches(int64_t bytes_of_one, const std::filesystem::path& root) {
  std::set<std::string> sharers;  // one entry for each cache: the CPUs that share it
  std::error_code error;
  for (std::filesystem::directory_iterator it(root / "sys/devices/system/cpu", error), end;
       !error && it != end; it.increment(error)) {
    std::ifstream in(it->path() / "cache/index3/shared_cpu_list");
    std::string cpus;
    if (in >> cpus) sharers.insert(cpus);
  }
  return bytes_of_one * std::max<int64_t>(1, static_cast<int64_t>(sharers.size()));
}

std::unique_ptr<Device> make_device(const Machine& machine, int threads) {
  return std::make_unique<CpuDevice>(machine, threads);
}

}  // namespace breakeven::cpu
