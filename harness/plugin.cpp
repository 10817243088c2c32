// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "build_id.h"

namespace breakeven {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "libbreakeven_cuda.so";

std::vector<fs::path> places() {
  std::vector<fs::path> found;
  if (const char* folder = std::getenv("BREAKEVEN_PLUGIN_DIR")) found.emplace_back(folder);
  std::error_code ignored;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  found.push_back(binary);
  found.push_back(binary / ".." / "lib" / "breakeven");
  found.push_back(binary / ".." / ".." / "kernels" /
                  "cuda");  // the build tree: the binary lies in harness/cli
  return found;
}

const Plugin* open(const fs::path& file, std::string* why) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    *why = fmt::format("{} does not load: {}", file.string(), dlerror());
    return nullptr;
  }
  const auto entry = reinterpret_cast<PluginEntry>(dlsym(library, "breakeven_plugin"));
  const Plugin* plugin = entry ? entry() : nullptr;
  if (!plugin || std::strcmp(plugin->build_id, BREAKEVEN_BUILD_ID) != 0) {
    *why = fmt::format("{} is of another build than this program: build both from one tree", file.string());
    return nullptr;
  }
  return plugin;
}

}  // namespace

const Plugin* find_cuda_plugin(std::string* why) {
  for (const fs::path& folder : places()) {
    std::error_code ignored;
    if (fs::exists(folder / kFile, ignored)) return open(folder / kFile, why);
  }
  *why = fmt::format("the CUDA backend ({}) is not installed: build with nvcc 13 at hand", kFile);
  return nullptr;
}

}  // namespace breakeven
