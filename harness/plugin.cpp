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

struct Facts {
  const char *name, *file;
  const char* folder;  // in the build tree, where the binary lies in harness/cli
  const char* remedy;
};

const Facts& facts_of(PluginKind kind) {
  static constexpr Facts kCuda{"CUDA backend", "libbreakeven_cuda.so", "cuda", "build with nvcc 13 at hand"};
  static constexpr Facts kEmulated{"emulated GPU", "libbreakeven_emu.so", "emu",
                                   "it stands in the build tree of a build with -Demulator=enabled"};
  return kind == PluginKind::cuda ? kCuda : kEmulated;
}

std::vector<fs::path> places(const Facts& facts) {
  std::vector<fs::path> found;
  if (const char* folder = std::getenv("BREAKEVEN_PLUGIN_DIR")) found.emplace_back(folder);
  std::error_code ignored;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  found.push_back(binary);
  found.push_back(binary / ".." / "lib" / "breakeven");
  found.push_back(binary / ".." / ".." / "kernels" / facts.folder);
  return found;
}

const Plugin* open(const fs::path& file, std::string* why) {
  if (const Reason damage = plugin_damage(file)) {
    *why = fmt::format("{} {}", file.string(), *damage);
    return nullptr;
  }
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

std::optional<fs::path> plugin_file(PluginKind kind, std::string* why) {
  const Facts& facts = facts_of(kind);
  for (const fs::path& folder : places(facts)) {
    std::error_code ignored;
    if (fs::exists(folder / facts.file, ignored)) return folder / facts.file;
  }
  *why = fmt::format("the {} ({}) is not installed: {}", facts.name, facts.file, facts.remedy);
  return std::nullopt;
}

const Plugin* find_plugin(PluginKind kind, std::string* why) {
  const auto file = plugin_file(kind, why);
  return file ? open(*file, why) : nullptr;
}

}  // namespace breakeven
