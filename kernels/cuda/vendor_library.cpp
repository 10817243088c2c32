// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/vendor_library.h"

#include <glob.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace breakeven::cuda {
namespace {

/// The folder this plugin lies in: a bundle carries the library beside it.
std::string own_folder() {
  const std::string own = file_of(reinterpret_cast<const void*>(&own_folder));
  return own.empty() ? own : std::filesystem::path(own).parent_path().string();
}

/// Where it may be, best first: plain names follow LD_LIBRARY_PATH and ldconfig; patterns are globbed.
std::vector<std::string> patterns(const VendorLibrary& wanted) {
  std::vector<std::string> list{wanted.file};
  const auto add = [&](const std::string& folder) { list.push_back(folder + "/" + wanted.file); };
  if (const std::string beside = own_folder(); !beside.empty()) add(beside);
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    if (const char* folder = std::getenv(variable)) add(std::string(folder) + "/lib64");
  }
  add("/usr/local/cuda/lib64");
  add("/usr/local/cuda-13*/lib64");
  // What pip installs: in a virtual environment or for everybody.
  const std::string wheel = std::string("-packages/nvidia/") + wanted.wheel;
  if (const char* environment = std::getenv("VIRTUAL_ENV")) {
    add(std::string(environment) + "/lib/python3*/site" + wheel);
  }
  add("/usr/local/lib/python3*/*" + wheel);
  add("/usr/lib/python3*/*" + wheel);
  return list;
}

std::vector<std::string> expanded(const std::string& pattern) {
  if (pattern.find('/') == std::string::npos) return {pattern};
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

}  // namespace

std::string file_of(const void* symbol) {
  Dl_info info{};
  return dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : std::string();
}

void* open_library(const VendorLibrary& wanted) {
  std::string failure;  // of a file that is there and does not load
  for (const std::string& pattern : patterns(wanted)) {
    for (const std::string& path : expanded(pattern)) {
      if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
      const char* error = dlerror();
      if (error && std::filesystem::exists(path)) failure = fmt::format(" ({})", error);
    }
  }
  throw Unsupported(fmt::format("{} not found{}: {}", wanted.file, failure, wanted.remedy));
}

}  // namespace breakeven::cuda
