// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The rate of Hopper's tensor cores (compute capability 9.0 only), by the one instruction that reaches it:
// wgmma, in which four warps together multiply 64 x K from shared memory with K x 256 from shared memory,
// asynchronously.
//
// Two warpgroups per multiprocessor, each with its own 64 x 256 accumulators (128 registers a thread), so
// that one computes while the other waits. Operands lie as the hardware likes them: rows of 128 bytes,
// swizzled by 128 bytes; one instruction takes 32 bytes of k of each row, so four cover a row.
// Trap: shared memory written by ordinary stores is read here by another path of the hardware (the async
// proxy): fence.proxy.async must come between. And accumulators must not be touched between fence and wait.
//
// The numbers mean nothing: whichever way the swizzle permutes random bits, they stay random bits.

#include "harness/operand.h"
#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/peak_loops.h"
#include "kernels/device/fence.h"
#include "kernels/device/launch.h"
#include "kernels/device/wgmma.h"

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::cuda {
namespace {

constexpr int kWarpgroups = 2, kThreads = kWarpgroups * 128;
constexpr int kM = 64, kN = 256, kRowBytes = 128, kStepBytes = 32;
constexpr int kStepsPerRow = kRowBytes / kStepBytes, kRowsPerWait = 8;

/// Operands from random bits: sign and mantissa as they come, magnitude 0.5 to 1 (int8: any).
template <Precision P>
__device__ uint32_t random_operands(uint32_t word) {
  switch (P) {
    case Precision::tf32:
      return (word & 0x807FE000u) | 0x3F000000u;
    case Precision::bf16:
      return (word & 0x807F807Fu) | 0x3F003F00u;
    case Precision::fp16:
      return (word & 0x83FF83FFu) | 0x38003800u;
    case Precision::fp8e4m3:
      return (word & 0x87878787u) | 0x30303030u;
    default:
      return word;
  }
}

/// 256 rows of B, shared by the warpgroups, and 64 rows of A for each: 48 KiB. A swizzle atom is 1024 bytes.
struct alignas(1024) Operands {
  uint32_t b[kN * kRowBytes / 4];
  uint32_t a[kWarpgroups][kM * kRowBytes / 4];
};

template <Precision P>
__device__ void multiply(int iterations, uint32_t* ran) {
  using Sum = typename Arithmetic<P>::Sum;
  auto& operands = device::static_shared<Operands>();
  auto* words = reinterpret_cast<uint32_t*>(&operands);
  for (uint32_t i = threadIdx.x; i < sizeof operands / 4; i += kThreads) {
    words[i] = random_operands<P>(uniform_word(0x5EED, blockIdx.x, i));
  }
  device::fence_proxy_async();
  __syncthreads();
  constexpr int kAtomBytes = 8 * kRowBytes;
  const uint64_t a = device::wgmma_descriptor(operands.a[threadIdx.x / 128], 16, kAtomBytes);
  const uint64_t b = device::wgmma_descriptor(operands.b, 16, kAtomBytes);
  Sum sum[kN / 2] = {};
  for (int iteration = 0; iteration < iterations; ++iteration) {
    device::wgmma_fence();
#pragma unroll
    for (int i = 0; i < kRowsPerWait * kStepsPerRow; ++i) {
      const int offset = i % kStepsPerRow * kStepBytes >> 4;
      device::wgmma<P, kN>(sum, a + offset, b + offset, true);
    }
    device::wgmma_commit();
    device::wgmma_wait<0>();
  }
  Sum total = 0;
#pragma unroll
  for (int i = 0; i < kN / 2; ++i) total += sum[i];
  *ran = total == Sum(12345678) ? 1u + (iterations < 0) : 1u;  // a use of the sums, and always 1
}

template <Precision P>
__global__ void __launch_bounds__(kThreads, 1)
    wgmma_kernel([[maybe_unused]] int iterations, [[maybe_unused]] uint32_t* ran) {
#if BREAKEVEN_HOPPER
  multiply<P>(iterations, ran);
#endif
}

template <Precision P>
double launch(const PeakRun& run) {
  device::launch("wgmma loop", wgmma_kernel<P>,
                 {.grid = static_cast<unsigned>(run.multiprocessors), .block = kThreads}, run.stream,
                 run.iterations, run.ran);
  const double instructions =
      static_cast<double>(kRowsPerWait) * kStepsPerRow * kWarpgroups * run.multiprocessors;
  return 2.0 * kM * kN * (kStepBytes / sizeof(typename Arithmetic<P>::In)) * instructions * run.iterations;
}

}  // namespace

double wgmma_loop(const PeakRun& run) {
  switch (run.precision) {
    case Precision::tf32:
      return launch<Precision::tf32>(run);
    case Precision::bf16:
      return launch<Precision::bf16>(run);
    case Precision::fp16:
      return launch<Precision::fp16>(run);
    case Precision::fp8e4m3:
      return launch<Precision::fp8e4m3>(run);
    case Precision::int8:
      return launch<Precision::int8>(run);
    default:
      return 0;
  }
}

}  // namespace breakeven::cuda
