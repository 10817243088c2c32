// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// libbreakeven_emu.so: the CUDA backend's own host code and kernels on the emulated GPU. Every answer is
// computed as on a GPU and nothing is timed.

#include "harness/plugin.h"

#include <fmt/format.h>

#include "harness/build_id.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/first_call.h"

namespace breakeven::emu {
namespace {

/// The most one execution may be: an emulated GPU does some millions of flops a second.
constexpr double kMostFlops = 4e7;

/// The same in bytes: what kernels touch, and what is only copied.
constexpr double kMostTouched = 4e6, kMostCopied = 1e8;

/// A CUDA device under the emulator's name and without its sensors.
class EmulatedDevice : public Device {
 public:
  explicit EmulatedDevice(std::unique_ptr<Device> gpu) : gpu_(std::move(gpu)) {}
  DeviceInfo info() const override {
    DeviceInfo info = gpu_->info();
    info.id = "emu";
    return info;
  }
  Timing timing() const override { return Timing::none; }
  double time(const std::function<void()>& work) override { return gpu_->time(work); }
  double time_on_host(const std::function<void()>& work) override { return gpu_->time_on_host(work); }
  void evict_caches() override { gpu_->evict_caches(); }
  Peak arithmetic_peak(Precision) override { return {}; }
  Peak copy_rate() override { return {}; }

 private:
  std::unique_ptr<Device> gpu_;
};

/// Of problems whose flops say nothing.
Reason why_not_so_many(double bytes, double most) {
  if (bytes <= most) return std::nullopt;
  return fmt::format("{:.2g} bytes are more than an emulated GPU should be given ({:.2g})", bytes, most);
}

Reason why_not(const Problem& problem) {
  if (std::holds_alternative<MemoryOp>(problem)) return why_not_so_many(work(problem).bytes, kMostTouched);
  if (const auto* transfer = std::get_if<Transfer>(&problem)) {
    if (transfer->route == Route::first_context || transfer->route == Route::first_library ||
        transfer->route == Route::first_autotune) {
      return "a first call is there to be timed, and nothing is timed on an emulated GPU";
    }
    return why_not_so_many(work(problem).bytes, kMostCopied);
  }
  const double flops = work(problem).flops;
  if (flops <= kMostFlops) return std::nullopt;
  return fmt::format("{:.2g} flops are more than an emulated GPU should be given ({:.2g})", flops,
                     kMostFlops);
}

Backend renamed(Backend backend) {
  backend.name = backend.device_id = "emu";
  for (Kernel& kernel : backend.kernels) {
    kernel.why_not = [inner = std::move(kernel.why_not)](const Problem& problem) {
      const Reason reason = inner(problem);
      return reason ? reason : why_not(problem);
    };
    kernel.typical_rate = 0;  // of a real GPU
    kernel.typical_rate_by_kind = nullptr;
    kernel.scratch_bytes = nullptr;
  }
  return backend;
}

Backend describe() { return renamed(cuda::describe()); }

/// One of the two devices: the other is there for tests of the runtime.
int count(std::string* why) { return cuda::count(why) > 0 ? 1 : 0; }

Backend open(int ordinal) {
  Backend backend = renamed(cuda::open(ordinal));
  backend.device = std::make_unique<EmulatedDevice>(std::move(backend.device));
  return backend;
}

}  // namespace
}  // namespace breakeven::emu

extern "C" __attribute__((visibility("default"))) const breakeven::Plugin* breakeven_plugin() {
  using namespace breakeven;
  static const Plugin plugin{BREAKEVEN_BUILD_ID, emu::describe, emu::count, emu::open, cuda::first_call};
  return &plugin;
}
