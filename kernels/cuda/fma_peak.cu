// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The rate of fused multiply-adds on CUDA cores: 16 independent chains per thread hide the 4 cycles an FMA
// takes.

#include "kernels/cuda/peak_loops.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256, kBlocksPerMultiprocessor = 8, kChains = 16, kUnroll = 8;

template <class T>
__global__ void __launch_bounds__(kThreads) fma(int iterations, uint32_t* ran) {
  T chain[kChains];
#pragma unroll
  for (int i = 0; i < kChains; ++i) chain[i] = T(threadIdx.x * kChains + i) * T(0.37);
  const T factor = T(0.999) + T(threadIdx.x) * T(1e-6), addend = T(0.731) + T(blockIdx.x) * T(1e-6);
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int repeat = 0; repeat < kUnroll; ++repeat) {
#pragma unroll
      for (int i = 0; i < kChains; ++i) chain[i] = chain[i] * factor + addend;  // contracted to one FMA
    }
  }
  T sum = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) sum += chain[i];
  *ran = sum == T(-1) ? 2 : 1;  // never -1; without a use of the sum there would be no loop
}

template <class T>
double launch(const PeakRun& run) {
  const int blocks = run.multiprocessors * kBlocksPerMultiprocessor;
  device::launch("FMA loop", fma<T>, {.grid = static_cast<unsigned>(blocks), .block = kThreads}, run.stream,
                 run.iterations, run.ran);
  return 2.0 * kChains * kUnroll * kThreads * static_cast<double>(blocks) * run.iterations;
}

}  // namespace

double fma_loop(const PeakRun& run) {
  switch (run.precision) {
    case Precision::fp64:
      return launch<double>(run);
    case Precision::fp32:
    case Precision::tf32:
    case Precision::bf16:
    case Precision::fp16:
      return launch<float>(run);
    default:
      return 0;
  }
}

}  // namespace breakeven::cuda
