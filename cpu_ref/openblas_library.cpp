// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/openblas_library.h"

#include <cblas.h>
#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <sstream>
#include <vector>

namespace breakeven::cpu {
namespace {

/// The trap: once OpenMP has bound the main thread to one core, threads that OpenBLAS starts from it inherit
/// that core, and all of them share it (half the speed on two cores). They are given OpenMP's places instead.
void bind_pool_like_openmp([[maybe_unused]] int threads) {
#if BREAKEVEN_OPENBLAS_SETAFFINITY
  const int places = omp_get_num_places();
  if (openblas_threading() != BlasThreads::own_pool || places == 0) return;
  for (int worker = 0; worker + 1 < threads; ++worker) {  // the caller itself is the last thread of the team
    const int place = (worker + 1) % places;
    std::vector<int> cpus(static_cast<size_t>(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, cpus.data());
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus) CPU_SET(cpu, &set);
    openblas_setaffinity(worker, sizeof set, &set);
  }
#endif
}

}  // namespace

BlasThreads openblas_threading() {
  switch (openblas_get_parallel()) {
    case OPENBLAS_SEQUENTIAL:
      return BlasThreads::none;
    case OPENBLAS_OPENMP:
      return BlasThreads::openmp;
    default:
      return BlasThreads::own_pool;
  }
}

std::string openblas_core() { return openblas_get_corename(); }

std::string openblas_version() {
  std::istringstream words(openblas_get_config());  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  std::string library, version;
  words >> library >> version;
  const char* threads = openblas_threading() == BlasThreads::openmp     ? "OpenMP threads"
                        : openblas_threading() == BlasThreads::own_pool ? "own threads"
                                                                        : "one thread";
  return fmt::format("{} {}, {}", version, openblas_core(), threads);
}

void set_openblas_threads(int threads) {
  openblas_set_num_threads(threads);
  bind_pool_like_openmp(threads);
}

}  // namespace breakeven::cpu
