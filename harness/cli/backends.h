// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "harness/machine.h"

namespace breakeven::cli {

/// Every backend of this build: the CPU, and one entry for each GPU (or one without a device, with the
/// reason). GPU entries carry kernels and names only; their devices are opened by workers.
struct Lineup {
  std::vector<Backend> backends;
  std::vector<DeviceInfo> gpus;  // as a probe process saw them: this one never touches a driver
};
/// The emulated GPU (`--device emu`) is for tests: there for those who name it and never for others.
enum class Emulator : uint8_t { left_out, asked_for };
Emulator emulator_among(const std::vector<std::string>& devices);

Lineup line_up(const Machine&, int threads, Emulator = Emulator::left_out);

/// What a probe process answers: {opened: the plugin is whole, devices: [...], absence: "why there are
/// none"}.
nlohmann::ordered_json probe_gpus();

/// Opens the device `id` for measuring, in a worker. Throws DeviceLost when it cannot be opened. A plain
/// "cuda" is the GPU that this machine does not have: its backend says why.
Backend open_backend(const std::string& id, const Machine&, int threads);

}  // namespace breakeven::cli
