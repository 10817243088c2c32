// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

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
};
using PluginEntry = const Plugin* (*)();

/// The CUDA plugin `libbreakeven_cuda.so`, looked for in $BREAKEVEN_PLUGIN_DIR, beside the binary, in
/// `../lib/breakeven/` and in the build tree's `kernels/cuda/`. Null, with `*why`, when absent or of another
/// build.
const Plugin* find_cuda_plugin(std::string* why);

}  // namespace breakeven
