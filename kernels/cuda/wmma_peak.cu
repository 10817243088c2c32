// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The rate of tensor cores through WMMA, the portable interface: each warp multiplies fragments held in
// registers. Compute capability 9.0 and newer have other instructions for the full rate, so there this is a
// lower bound.

#include <mma.h>

#include "harness/operand.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/peak_loops.h"

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::cuda {
namespace {

using namespace nvcuda;

constexpr int kThreads = 256, kBlocksPerMultiprocessor = 2, kChains = 4, kUnroll = 4;

/// Shape m x n x k of one operation, element types, and the oldest __CUDA_ARCH__ that has it.
template <Precision>
struct Operation;
template <>
struct Operation<Precision::fp64> {
  using In = double;
  using Sum = double;
  static constexpr int m = 8, n = 8, k = 4, oldest = 800;
};
template <>
struct Operation<Precision::tf32> {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  using In = wmma::precision::tf32;
#else
  using In = float;  // the name does not exist in the pass for Turing, which does not use it
#endif
  using Sum = float;
  static constexpr int m = 16, n = 16, k = 8, oldest = 800;
};
template <>
struct Operation<Precision::bf16> {
  using In = __nv_bfloat16;
  using Sum = float;
  static constexpr int m = 16, n = 16, k = 16, oldest = 800;
};
template <>
struct Operation<Precision::fp16> {
  using In = __half;
  using Sum = float;
  static constexpr int m = 16, n = 16, k = 16, oldest = 750;
};
template <>
struct Operation<Precision::int8> {
  using In = signed char;
  using Sum = int;
  static constexpr int m = 16, n = 16, k = 16, oldest = 750;
};

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

template <class Fragment>
__device__ void randomise(Fragment& fragment, uint32_t stream) {
#pragma unroll
  for (int i = 0; i < fragment.num_elements; ++i) {
    using Stored = std::remove_reference_t<decltype(fragment.x[0])>;
    fragment.x[i] = random_element<Stored>(stream, (blockIdx.x * kThreads + threadIdx.x) * 32 + i);
  }
}

template <Precision P>
__device__ void multiply(int iterations, uint32_t* ran) {
  using O = Operation<P>;
  wmma::fragment<wmma::matrix_a, O::m, O::n, O::k, typename O::In, wmma::row_major> a[kChains];
  wmma::fragment<wmma::matrix_b, O::m, O::n, O::k, typename O::In, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, O::m, O::n, O::k, typename O::Sum> sum[kChains];
  randomise(b, 0);
#pragma unroll
  for (int i = 0; i < kChains; ++i) {
    randomise(a[i], i + 1);
    wmma::fill_fragment(sum[i], 0);
  }
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int repeat = 0; repeat < kUnroll; ++repeat) {
#pragma unroll
      for (int i = 0; i < kChains; ++i) wmma::mma_sync(sum[i], a[i], b, sum[i]);
    }
  }
  typename O::Sum total = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) {
    // The first and the last element: one operation becomes two instructions, one for each half of the
    // result, and one whose results nobody uses is left out.
    total += sum[i].x[0] + sum[i].x[sum[i].num_elements - 1];
  }
  *ran = total == typename O::Sum(12345678) ? 1u + (iterations < 0) : 1u;  // a use of the sums, and always 1
}

template <Precision P>
__global__ void __launch_bounds__(kThreads)
    wmma_kernel([[maybe_unused]] int iterations, [[maybe_unused]] uint32_t* ran) {
#if defined(__CUDA_ARCH__)
  if constexpr (__CUDA_ARCH__ >= Operation<P>::oldest) multiply<P>(iterations, ran);
#endif
}

template <Precision P>
double launch(const PeakRun& run) {
  using O = Operation<P>;
  const int blocks = run.multiprocessors * kBlocksPerMultiprocessor;
  wmma_kernel<P><<<blocks, kThreads, 0, run.stream>>>(run.iterations, run.ran);
  check_launch("WMMA loop");
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
