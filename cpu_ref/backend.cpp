// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#if BREAKEVEN_ONEDNN
#include <dnnl.hpp>
#endif

#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/device.h"
#include "cpu_ref/flush_denormals.h"
#include "harness/kernel_of_kinds.h"
#if BREAKEVEN_OPENBLAS
#include "cpu_ref/openblas_library.h"
#endif

namespace breakeven::cpu {
namespace {

void set_up_threads(int threads) {
  omp_set_dynamic(0);
  omp_set_num_threads(threads);
#if BREAKEVEN_OPENBLAS
  set_openblas_threads(threads);
#endif
  // The judge is not affected: its products are of values at least 2^-52 apart from 0, far from a double's
  // denormals, and long double does not heed this setting.
#pragma omp parallel
  flush_denormals();
}

#if BREAKEVEN_OPENBLAS
/// With the kernels that the workers of a run are told to use, where the library has not chosen them itself.
std::string openblas_in_runs(const Machine& machine, int threads) {
  std::string version = openblas_version();
  for (const auto& [name, value] : worker_environment(machine, threads)) {
    if (name == "OPENBLAS_CORETYPE") version += "; in a run " + value;
  }
  return version;
}
#endif

/// Own AMX tiles: of products, and of trainings where oneDNN does the rest.
Kernel amx_contenders() {
#if BREAKEVEN_ONEDNN && defined(__x86_64__)
  return one_of({gemm_amx(), train_amx()});
#else
  return gemm_amx();
#endif
}

/// Of trainings, presets for a first look take one contender in one precision, the fastest there is; the
/// others wait to be named.
void reserve_trainings(std::vector<Kernel>& kernels) {
  const bool onednn = std::ranges::find(kernels, "onednn", &Kernel::name) != kernels.end();
  const Precision best = onednn && has(Feature::amx_bf16) ? Precision::bf16 : Precision::fp32;
  for (Kernel& kernel : kernels) {
    if (!kernel.compile) continue;
    const bool first = kernel.name == (onednn ? "onednn" : "openblas");
    kernel.reserved = [first, best](const Problem& problem) {
      const auto* task = std::get_if<TrainTask>(&problem);
      return task && !(first && task->precision == best);
    };
  }
}

}  // namespace

Backend backend(const Machine& machine, int threads) {
  set_up_threads(threads);
  Backend made;
  made.name = "cpu";
  made.device = make_device(machine, threads);
  made.device_id = made.device->info().id;
  made.kernels = {one_of({gemm_judge(), conv_judge(), memory_by_judge(), train_judge()}),
                  one_of({gemm_scalar(), conv_scalar(), memory_scalar()}),
                  gemm_simd(),
                  one_of({gemm_simd_threads(), memory_simd_threads()}),
                  gemm_simd_widened(),
                  gemm_simd_fp16(),
                  amx_contenders(),
                  conv_im2col_simd(),
                  transfer_host()};
#if BREAKEVEN_OPENBLAS
  made.kernels.push_back(one_of({gemm_openblas(), train_openblas()}));
  made.kernels.push_back(conv_im2col_openblas());
  made.libraries.emplace_back("openblas", openblas_in_runs(machine, threads));
#endif
#if BREAKEVEN_ONEDNN
  made.kernels.push_back(one_of({gemm_onednn(), conv_onednn(), memory_onednn(), train_onednn()}));
  made.kernels.push_back(conv_onednn_nhwc());
  made.kernels.push_back(transfer_first_onednn());
  const dnnl_version_t& v = *dnnl::version();
  made.libraries.emplace_back("onednn", fmt::format("{}.{}.{}", v.major, v.minor, v.patch));
#endif
  reserve_trainings(made.kernels);
  return made;
}

}  // namespace breakeven::cpu
