// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The rate of tensor cores through the PTX instruction mma, for what WMMA does not offer: fp8 (compute
// capability 8.9, 12.0) and the larger fp64 shape (9.0).
// Trap: 9.0 and 10.x take the fp8 instruction, but ptxas makes it of fp16 products and fp32 additions, moves
// the products out of the loop, and what is timed is the additions.

#include "harness/operand.h"
#include "kernels/cuda/peak_loops.h"
#include "kernels/device/launch.h"
#include "kernels/device/mma.h"

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256, kBlocksPerMultiprocessor = 2, kChains = 8;

struct Fp8 {
  static constexpr int m = 16, n = 8, k = 32;
  __host__ __device__ static constexpr bool native_on(int arch) { return arch == 890 || arch >= 1200; }
  using Register = uint32_t;  // four e4m3
  using Sum = float;
  static constexpr int a_registers = 4, b_registers = 2;
  /// Sign and mantissa random, magnitude 0.5 to 1.
  static __device__ Register random(uint32_t word) { return (word & 0x87878787u) | 0x30303030u; }
  static __device__ void multiply(Sum (&d)[4], const Register (&a)[4], const Register (&b)[2]) {
    device::mma_m16n8k32_e4m3(d, a, b);
  }
};

struct Fp64 {
  static constexpr int m = 16, n = 8, k = 16;
  __host__ __device__ static constexpr bool native_on(int arch) { return arch >= 900; }
  using Register = double;
  using Sum = double;
  static constexpr int a_registers = 8, b_registers = 4;
  static __device__ Register random(uint32_t word) { return uniform_fp64(word, word * 2654435761u); }
  static __device__ void multiply(Sum (&d)[4], const Register (&a)[8], const Register (&b)[4]) {
    device::mma_m16n8k16_fp64(d, a, b);
  }
};

template <class Operation>
__device__ void multiply(int iterations, uint32_t* ran) {
  typename Operation::Register a[Operation::a_registers], b[Operation::b_registers];
  typename Operation::Sum sum[kChains][4];
  const uint32_t thread = blockIdx.x * kThreads + threadIdx.x;
#pragma unroll
  for (int i = 0; i < Operation::a_registers; ++i)
    a[i] = Operation::random(uniform_word(0x5EED, 0, thread * 16 + i));
#pragma unroll
  for (int i = 0; i < Operation::b_registers; ++i)
    b[i] = Operation::random(uniform_word(0x5EED, 1, thread * 16 + i));
    // Chains that began alike would stay alike, and ptxas computes once what is alike, and never what nobody
    // uses.
#pragma unroll
  for (int i = 0; i < kChains * 4; ++i) sum[i / 4][i % 4] = static_cast<typename Operation::Sum>(i);
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int i = 0; i < kChains; ++i) Operation::multiply(sum[i], a, b);
  }
  typename Operation::Sum total = 0;
#pragma unroll
  for (int i = 0; i < kChains * 4; ++i) total += sum[i / 4][i % 4];
  *ran = total == typename Operation::Sum(12345678) ? 1u + (iterations < 0)
                                                    : 1u;  // a use of the sums, and always 1
}

template <class Operation>
__global__ void __launch_bounds__(kThreads)
    mma_kernel([[maybe_unused]] int iterations, [[maybe_unused]] uint32_t* ran) {
#if BREAKEVEN_ARCH
  if constexpr (Operation::native_on(BREAKEVEN_ARCH)) multiply<Operation>(iterations, ran);
#endif
}

template <class Operation>
double launch(const PeakRun& run) {
  const int blocks = run.multiprocessors * kBlocksPerMultiprocessor;
  device::launch("mma loop", mma_kernel<Operation>,
                 {.grid = static_cast<unsigned>(blocks), .block = kThreads}, run.stream, run.iterations,
                 run.ran);
  const double warps = static_cast<double>(blocks) * (kThreads / 32);
  return 2.0 * Operation::m * Operation::n * Operation::k * kChains * warps * run.iterations;
}

}  // namespace

double mma_loop(const PeakRun& run) {
  switch (run.precision) {
    case Precision::fp64:
      return launch<Fp64>(run);
    case Precision::fp8e4m3:
      return launch<Fp8>(run);
    default:
      return 0;
  }
}

}  // namespace breakeven::cuda
