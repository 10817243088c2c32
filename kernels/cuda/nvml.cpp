// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/nvml.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <optional>

namespace breakeven::cuda {
namespace {

// The part of nvml.h that is used here; the header is not in the CUDA toolkit's minimal packages. Every
// function returns 0 on success.
using Device = void*;
constexpr int kClockSm = 1, kTemperatureGpu = 0;
struct Utilisation {
  unsigned gpu, memory;  // percent of the last sample period
};
struct Memory {
  unsigned long long total, free, used;  // bytes
};
// Power cap 0x4, hardware slowdown 0x8, software thermal 0x20, hardware thermal 0x40, power brake 0x80. (Idle
// 0x1, application clocks 0x2, sync boost 0x10 and display clocks 0x100 are settings, not distress.)
constexpr unsigned long long kThrottled = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

}  // namespace

struct Sensors::Nvml {
  void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);

  template <class... Parameter, class... Argument>
  bool call(const char* symbol, int (*)(Parameter...), Argument... arguments) const {
    void* found = library ? dlsym(library, symbol) : nullptr;
    return found && reinterpret_cast<int (*)(Parameter...)>(found)(arguments...) == 0;
  }
  /// A function of the form f(device, &value).
  template <class T>
  std::optional<T> get(const char* symbol, Device device) const {
    T value{};
    if (!device || !call(symbol, static_cast<int (*)(Device, T*)>(nullptr), device, &value))
      return std::nullopt;
    return value;
  }
  /// A function of the form f(device, which, &value).
  std::optional<unsigned> get(const char* symbol, Device device, int which) const {
    unsigned value = 0;
    if (!device ||
        !call(symbol, static_cast<int (*)(Device, int, unsigned*)>(nullptr), device, which, &value)) {
      return std::nullopt;
    }
    return value;
  }
  /// A switch's present state; the function also writes the one after the next reboot.
  std::optional<bool> get_switch(const char* symbol, Device device) const {
    unsigned now = 0, pending = 0;
    if (!device ||
        !call(symbol, static_cast<int (*)(Device, unsigned*, unsigned*)>(nullptr), device, &now, &pending)) {
      return std::nullopt;
    }
    return now != 0;
  }
};

std::string uuid_text(const cudaUUID_t& uuid, std::string_view prefix) {
  std::string text(prefix);
  for (int i = 0; i < 16; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

Sensors::Sensors(const cudaUUID_t& uuid) : nvml_(std::make_unique<Nvml>()) {
  if (!nvml_->call("nvmlInit_v2", static_cast<int (*)()>(nullptr))) return;
  for (const char* prefix : {"GPU", "MIG"}) {
    const std::string text = uuid_text(uuid, prefix);
    Device found = nullptr;
    if (nvml_->call("nvmlDeviceGetHandleByUUID", static_cast<int (*)(const char*, Device*)>(nullptr),
                    text.c_str(), &found)) {
      device_ = found;
      return;
    }
  }
}

Sensors::~Sensors() {
  // The library stays loaded: drivers do not like being unloaded, and the process ends soon.
  nvml_->call("nvmlShutdown", static_cast<int (*)()>(nullptr));
}

Telemetry Sensors::read() const {
  Telemetry now;
  using Wide = unsigned long long;
  if (const auto millijoules = nvml_->get<Wide>("nvmlDeviceGetTotalEnergyConsumption", device_)) {
    now.energy_joules = static_cast<double>(*millijoules) * 1e-3;
  }
  if (const auto milliwatts = nvml_->get<unsigned>("nvmlDeviceGetPowerUsage", device_)) {
    now.power_watts = *milliwatts * 1e-3;
  }
  if (const auto megahertz = nvml_->get("nvmlDeviceGetClockInfo", device_, kClockSm))
    now.clock_hz = *megahertz * 1e6;
  if (const auto celsius = nvml_->get("nvmlDeviceGetTemperature", device_, kTemperatureGpu)) {
    now.temperature_c = *celsius;
  }
  if (const auto percent = nvml_->get<Utilisation>("nvmlDeviceGetUtilizationRates", device_)) {
    now.utilisation = percent->gpu * 0.01;
  }
  if (const auto memory = nvml_->get<Memory>("nvmlDeviceGetMemoryInfo", device_)) {
    now.memory_bytes = static_cast<int64_t>(memory->used);
  }
  auto reasons = nvml_->get<Wide>("nvmlDeviceGetCurrentClocksEventReasons", device_);
  if (!reasons)
    reasons = nvml_->get<Wide>("nvmlDeviceGetCurrentClocksThrottleReasons", device_);  // drivers before 535
  if (reasons) now.throttled = (*reasons & kThrottled) != 0;
  return now;
}

std::vector<std::pair<std::string, std::string>> Sensors::facts() const {
  std::vector<std::pair<std::string, std::string>> found;
  char driver[96] = {};
  if (device_ && nvml_->call("nvmlSystemGetDriverVersion", static_cast<int (*)(char*, unsigned)>(nullptr),
                             driver, static_cast<unsigned>(sizeof driver))) {
    found.emplace_back("driver", driver);
  }
  if (const auto milliwatts = nvml_->get<unsigned>("nvmlDeviceGetEnforcedPowerLimit", device_)) {
    found.emplace_back("power limit", fmt::format("{:g} W", *milliwatts * 1e-3));
  }
  if (const auto megahertz = nvml_->get("nvmlDeviceGetMaxClockInfo", device_, kClockSm)) {
    found.emplace_back("highest SM clock", fmt::format("{} MHz", *megahertz));
  }
  if (const auto mig = nvml_->get_switch("nvmlDeviceGetMigMode", device_))
    found.emplace_back("MIG", *mig ? "on" : "off");
  if (const auto ecc = nvml_->get_switch("nvmlDeviceGetEccMode", device_))
    found.emplace_back("ECC", *ecc ? "on" : "off");
  return found;
}

}  // namespace breakeven::cuda
