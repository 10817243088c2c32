// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/telemetry.h"

namespace breakeven::cuda {

/// The sensors of one device, through NVIDIA's management library, which comes with the driver and is opened
/// at run time. Whatever is missing (the library, a function, the right to call it) leaves its field absent.
class Sensors {
 public:
  /// `uuid` as CUDA reports it: NVML numbers devices differently, so only the uuid names the same one.
  explicit Sensors(const cudaUUID_t& uuid);
  ~Sensors();
  Telemetry read() const;
  /// "driver" -> "580.95.05", "power limit" -> "700 W", "MIG" -> "off", "ECC" -> "on", ...
  std::vector<std::pair<std::string, std::string>> facts() const;

 private:
  struct Nvml;
  std::unique_ptr<Nvml> nvml_;
  void* device_ = nullptr;  // nvmlDevice_t; null when there is none to read
};

/// "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"; `prefix` "GPU" or "MIG".
std::string uuid_text(const cudaUUID_t& uuid, std::string_view prefix);

}  // namespace breakeven::cuda
