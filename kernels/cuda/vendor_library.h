// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>
#include <fmt/format.h>

#include <string>

#include "harness/backend.h"

namespace breakeven::cuda {

/// A library of NVIDIA's that is opened at run time, because not everybody has it.
struct VendorLibrary {
  const char* file;    // "libcudnn.so.9"
  const char* wheel;   // where pip puts it, under site-packages/nvidia: "cudnn/lib"
  const char* remedy;  // what to install
};

/// Opened by its plain name, beside this plugin, in the toolkit's folders or where pip puts it. Never to be
/// closed: relocations of hundreds of megabytes would go only to come back. Throws Unsupported with the
/// remedy.
void* open_library(const VendorLibrary&);
/// The file that holds `symbol`, as the loader knows it.
std::string file_of(const void* symbol);

/// Throws Unsupported when the library is too old to have `symbol`.
template <class Function>
void load(Function& function, void* library, const VendorLibrary& from, const char* symbol) {
  function = reinterpret_cast<Function>(dlsym(library, symbol));
  if (!function) throw Unsupported(fmt::format("{} has no {}: {}", from.file, symbol, from.remedy));
}

}  // namespace breakeven::cuda
