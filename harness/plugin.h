// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/backend.h"

namespace breakeven {

/// What the one exported function of a plugin (`breakeven_plugin`, C linkage, no arguments) returns.
/// The types cross the boundary as C++; `build_id` (a hash of the headers and the compiler) must match first.
struct Plugin {
  const char* build_id;
  /// The kernels and libraries without touching any device: fast, safe without a driver. `device` is null.
  Backend (*describe)();
  /// How many devices can be opened; 0 with `*why` set when none ("no NVIDIA driver: libcuda.so.1 not
  /// found").
  int (*count)(std::string* why);
  /// Opens device `ordinal`. Throws.
  Backend (*open)(int ordinal);
  /// Seconds of what a process does once ("context", "library", "autotune"); for `breakeven first-call`.
  /// Throws.
  double (*first_call)(const std::string& what, int ordinal);
};
using PluginEntry = const Plugin* (*)();

/// The GPU backend, and the same host code and kernels on the emulated GPU (for tests; not installed).
enum class PluginKind : uint8_t { cuda, emulated };

/// The plugin's file (`libbreakeven_cuda.so`, `libbreakeven_emu.so`), looked for in $BREAKEVEN_PLUGIN_DIR,
/// beside the binary, in `../lib/breakeven/` and in its folder of the build tree. Nothing, with `*why`, when
/// there is none.
std::optional<std::filesystem::path> plugin_file(PluginKind, std::string* why);

/// Opens it. Null, with `*why`, when absent, damaged or of another build. (Damage that `plugin_damage` cannot
/// see may crash whoever opens it.)
const Plugin* find_plugin(PluginKind, std::string* why);

/// Why a file cannot be a whole shared object: a download cut short, a text, nothing at all.
Reason plugin_damage(const std::filesystem::path&);

}  // namespace breakeven
