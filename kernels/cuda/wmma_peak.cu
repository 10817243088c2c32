// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The rate of tensor cores through WMMA, the portable interface: each warp multiplies fragments held in
// registers. Compute capability 9.0 and newer have other instructions for the full rate, so there this is a
// lower bound.

#include "harness/operand.h"
#include "kernels/cuda/peak_loops.h"
#include "kernels/device/launch.h"
#include "kernels/device/wmma.h"

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256, kBlocksPerMultiprocessor = 2, kChains = 4, kUnroll = 4;

/// A random element, of magnitude below 1 (int8: any).
template <class T>
__device__ T random_element(uint32_t stream, uint32_t index) {
  const uint32_t word = uniform_word(0x5EED, stream, index);
  if constexpr (std::is_same_v<T, signed char>) {
    return uniform_int8(word);
  } else {
    return T(uniform_fp32(word));
  }
}

template <Precision P, class Fragment>
__device__ void randomise(Fragment& fragment, uint32_t stream) {
#pragma unroll
  for (int i = 0; i < fragment.num_elements; ++i) {
    using Stored = std::remove_reference_t<decltype(fragment.x[0])>;
    fragment.x[i] = random_element<Stored>(stream, (blockIdx.x * kThreads + threadIdx.x) * 32 + i);
  }
  if constexpr (P == Precision::tf32) device::wmma_round(fragment);
}

template <Precision P>
__device__ void multiply(int iterations, uint32_t* ran) {
  using Sum = typename device::WmmaTypes<P>::Sum;
  device::WmmaA<P> a[kChains];
  device::WmmaB<P, device::Major::k> b;
  device::WmmaSum<P> sum[kChains];
  randomise<P>(b, 0);
#pragma unroll
  for (int i = 0; i < kChains; ++i) {
    randomise<P>(a[i], i + 1);
    device::wmma_fill(sum[i], Sum(0));
  }
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int repeat = 0; repeat < kUnroll; ++repeat) {
#pragma unroll
      for (int i = 0; i < kChains; ++i) device::wmma_multiply(sum[i], a[i], b);
    }
  }
  Sum total = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) {
    // The first and the last element: one operation becomes two instructions, one for each half of the
    // result, and one whose results nobody uses is left out.
    total += sum[i].x[0] + sum[i].x[sum[i].num_elements - 1];
  }
  *ran = total == Sum(12345678) ? 1u + (iterations < 0) : 1u;  // a use of the sums, and always 1
}

template <Precision P>
__global__ void __launch_bounds__(kThreads)
    wmma_kernel([[maybe_unused]] int iterations, [[maybe_unused]] uint32_t* ran) {
#if BREAKEVEN_ARCH
  if constexpr (BREAKEVEN_ARCH >= device::wmma_oldest_arch<P>) multiply<P>(iterations, ran);
#endif
}

template <Precision P>
double launch(const PeakRun& run) {
  using O = device::WmmaShape<P>;
  const int blocks = run.multiprocessors * kBlocksPerMultiprocessor;
  device::launch("WMMA loop", wmma_kernel<P>, {.grid = static_cast<unsigned>(blocks), .block = kThreads},
                 run.stream, run.iterations, run.ran);
  const double warps = static_cast<double>(blocks) * (kThreads / 32);
  return 2.0 * O::m * O::n * O::k * kChains * kUnroll * warps * run.iterations;
}

}  // namespace

double wmma_loop(const PeakRun& run) {
  switch (run.precision) {
    case Precision::fp64:
      return launch<Precision::fp64>(run);
    case Precision::tf32:
      return launch<Precision::tf32>(run);
    case Precision::bf16:
      return launch<Precision::bf16>(run);
    case Precision::fp16:
      return launch<Precision::fp16>(run);
    case Precision::int8:
      return launch<Precision::int8>(run);
    default:
      return 0;
  }
}

}  // namespace breakeven::cuda
