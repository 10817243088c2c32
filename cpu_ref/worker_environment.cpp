// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/worker_environment.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "cpu_ref/cpu.h"
#if BREAKEVEN_OPENBLAS
#include "cpu_ref/openblas_library.h"
#endif

namespace breakeven::cpu {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

// Cores of OpenBLAS's x86-64 DYNAMIC_ARCH builds by the vectors their kernels use. A CPU younger than the
// library may be taken for an old one, and AVX2 kernels ("Haswell") where AVX-512 would do ("SkylakeX") are
// half the speed. A core on neither list is newer than this file and left alone.
constexpr std::string_view kBelowAvx2[] = {
    "Katmai", "Coppermine",  "Northwood", "Prescott",  "Banias",     "Atom",         "Core2",
    "Penryn", "Dunnington",  "Nehalem",   "Athlon",    "Opteron",    "Opteron_SSE3", "Barcelona",
    "Nano",   "Sandybridge", "Bobcat",    "Bulldozer", "Piledriver", "Steamroller"};
constexpr std::string_view kAvx2[] = {"Haswell", "Zen", "Excavator"};

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The core to ask for; empty when the library's own choice is as good.
std::string better_core(const Surroundings& s) {
  const auto cpu_has = [&](std::string_view isa) { return std::ranges::find(s.isa, isa) != s.isa.end(); };
  const bool below_avx2 = among(kBelowAvx2, s.openblas_core);
  if (cpu_has("avx512f") && (below_avx2 || among(kAvx2, s.openblas_core))) {
    // Cooperlake is SkylakeX with bf16 products; for fp32 and fp64 they measure the same.
    return s.sbgemm && cpu_has("avx512_bf16") ? "Cooperlake" : "SkylakeX";
  }
  if (cpu_has("avx2") && cpu_has("fma") && below_avx2) return "Haswell";
  return "";
}

}  // namespace

Variables worker_environment(const Surroundings& s) {
  Variables variables;
  const auto unless_set = [&](const char* name, std::string value) {
    if (!s.is_set(name)) variables.emplace_back(name, std::move(value));
  };
  unless_set("OMP_NUM_THREADS", std::to_string(s.threads));
  unless_set("OPENBLAS_NUM_THREADS", std::to_string(s.threads));
  // Threads that wander lose their caches and their NUMA node. "cores" places one thread on each physical
  // core.
  if (!s.is_set("OMP_PROC_BIND") && !s.is_set("GOMP_CPU_AFFINITY") && !s.is_set("KMP_AFFINITY")) {
    variables.emplace_back("OMP_PROC_BIND", "close");
    unless_set("OMP_PLACES", "cores");
  }
  const std::string core = better_core(s);
  if (!core.empty()) unless_set("OPENBLAS_CORETYPE", core);
  return variables;
}

Variables worker_environment(const Machine& machine, int threads) {
  Surroundings s{.isa = machine.isa, .openblas_core = "", .threads = threads, .is_set = [](const char* name) {
                   const char* value = std::getenv(name);
                   return value != nullptr && *value != '\0';
                 }};
#if BREAKEVEN_OPENBLAS
  s.openblas_core = openblas_core();
#if BREAKEVEN_OPENBLAS_SBGEMM
  s.sbgemm = true;
#endif
#endif
  return worker_environment(s);
}

}  // namespace breakeven::cpu
