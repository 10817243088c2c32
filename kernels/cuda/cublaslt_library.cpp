// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cublaslt_library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <glob.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "harness/backend.h"

namespace breakeven::cuda {
namespace {

constexpr const char* kName = "libcublasLt.so.13";
constexpr const char* kRemedy =
    "install CUDA 13's cuBLAS (package libcublas-13-0, or the Python wheel nvidia-cublas) or name its folder "
    "in "
    "LD_LIBRARY_PATH";

/// The folder this plugin lies in: a bundle carries the library beside it.
std::string own_folder() {
  Dl_info info{};
  if (!dladdr(reinterpret_cast<const void*>(&own_folder), &info) || !info.dli_fname) return {};
  return std::filesystem::path(info.dli_fname).parent_path().string();
}

/// Where it may be, best first: plain names follow LD_LIBRARY_PATH and ldconfig; patterns are globbed.
std::vector<std::string> patterns() {
  std::vector<std::string> list{kName};
  const auto add = [&](const std::string& folder) { list.push_back(folder + "/" + kName); };
  if (const std::string beside = own_folder(); !beside.empty()) add(beside);
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    if (const char* folder = std::getenv(variable)) add(std::string(folder) + "/lib64");
  }
  add("/usr/local/cuda/lib64");
  add("/usr/local/cuda-13*/lib64");
  // What pip installs: site-packages/nvidia/cu13/lib, in a virtual environment or for everybody.
  if (const char* environment = std::getenv("VIRTUAL_ENV")) {
    add(std::string(environment) + "/lib/python3*/site-packages/nvidia/cu13/lib");
  }
  add("/usr/local/lib/python3*/*-packages/nvidia/cu13/lib");
  add("/usr/lib/python3*/*-packages/nvidia/cu13/lib");
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

void* open_somewhere() {
  std::string failure;  // of a file that is there and does not load
  for (const std::string& pattern : patterns()) {
    for (const std::string& path : expanded(pattern)) {
      if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
      const char* error = dlerror();
      if (error && std::filesystem::exists(path)) failure = fmt::format(" ({})", error);
    }
  }
  throw Unsupported(fmt::format("{} not found{}: {}", kName, failure, kRemedy));
}

template <class Function>
void load(Function& function, void* library, const char* symbol) {
  function = reinterpret_cast<Function>(dlsym(library, symbol));
  if (!function) throw Unsupported(fmt::format("{} has no {}: {}", kName, symbol, kRemedy));
}

void load_all(CublasLt& lt, void* library) {
  load(lt.create, library, "cublasLtCreate");
  load(lt.destroy, library, "cublasLtDestroy");
  load(lt.get_version, library, "cublasLtGetVersion");
  load(lt.status_string, library, "cublasLtGetStatusString");
  load(lt.matmul, library, "cublasLtMatmul");
  load(lt.desc_create, library, "cublasLtMatmulDescCreate");
  load(lt.desc_destroy, library, "cublasLtMatmulDescDestroy");
  load(lt.desc_set, library, "cublasLtMatmulDescSetAttribute");
  load(lt.layout_create, library, "cublasLtMatrixLayoutCreate");
  load(lt.layout_destroy, library, "cublasLtMatrixLayoutDestroy");
  load(lt.layout_set, library, "cublasLtMatrixLayoutSetAttribute");
  load(lt.preference_create, library, "cublasLtMatmulPreferenceCreate");
  load(lt.preference_destroy, library, "cublasLtMatmulPreferenceDestroy");
  load(lt.preference_set, library, "cublasLtMatmulPreferenceSetAttribute");
  load(lt.heuristic, library, "cublasLtMatmulAlgoGetHeuristic");
  load(lt.capability, library, "cublasLtMatmulAlgoCapGetAttribute");
  load(lt.configuration, library, "cublasLtMatmulAlgoConfigGetAttribute");
}

CublasLt opened() {
  void* library =
      open_somewhere();  // never closed: it would take 500 MB of relocations with it only to come back
  CublasLt lt{};
  load_all(lt, library);
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(lt.create), &info) && info.dli_fname) lt.path = info.dli_fname;
  const size_t version = lt.get_version();  // 130100 is 13.1.0
  lt.version = fmt::format("{}.{}.{}", version / 10000, version % 10000 / 100, version % 100);
  return lt;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt lt = opened();  // when it throws, the next call tries again
  return lt;
}

}  // namespace breakeven::cuda
