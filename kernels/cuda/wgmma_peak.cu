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
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/peak_loops.h"

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::cuda {
namespace {

constexpr int kWarpgroups = 2, kThreads = kWarpgroups * 128;
constexpr int kM = 64, kN = 256, kRowBytes = 128, kStepBytes = 32;
constexpr int kStepsPerRow = kRowBytes / kStepBytes, kRowsPerWait = 8;

// The 128 accumulators of a thread, as the instruction names them and as the compiler does.
#define ACCUMULATORS                                                             \
  "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"                       \
  "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,"             \
  "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,"             \
  "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63,"             \
  "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,"             \
  "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95,"             \
  "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111," \
  "%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"

#define IN_OUT(c)                                                                                          \
  c(d[0]), c(d[1]), c(d[2]), c(d[3]), c(d[4]), c(d[5]), c(d[6]), c(d[7]), c(d[8]), c(d[9]), c(d[10]),      \
      c(d[11]), c(d[12]), c(d[13]), c(d[14]), c(d[15]), c(d[16]), c(d[17]), c(d[18]), c(d[19]), c(d[20]),  \
      c(d[21]), c(d[22]), c(d[23]), c(d[24]), c(d[25]), c(d[26]), c(d[27]), c(d[28]), c(d[29]), c(d[30]),  \
      c(d[31]), c(d[32]), c(d[33]), c(d[34]), c(d[35]), c(d[36]), c(d[37]), c(d[38]), c(d[39]), c(d[40]),  \
      c(d[41]), c(d[42]), c(d[43]), c(d[44]), c(d[45]), c(d[46]), c(d[47]), c(d[48]), c(d[49]), c(d[50]),  \
      c(d[51]), c(d[52]), c(d[53]), c(d[54]), c(d[55]), c(d[56]), c(d[57]), c(d[58]), c(d[59]), c(d[60]),  \
      c(d[61]), c(d[62]), c(d[63]), c(d[64]), c(d[65]), c(d[66]), c(d[67]), c(d[68]), c(d[69]), c(d[70]),  \
      c(d[71]), c(d[72]), c(d[73]), c(d[74]), c(d[75]), c(d[76]), c(d[77]), c(d[78]), c(d[79]), c(d[80]),  \
      c(d[81]), c(d[82]), c(d[83]), c(d[84]), c(d[85]), c(d[86]), c(d[87]), c(d[88]), c(d[89]), c(d[90]),  \
      c(d[91]), c(d[92]), c(d[93]), c(d[94]), c(d[95]), c(d[96]), c(d[97]), c(d[98]), c(d[99]), c(d[100]), \
      c(d[101]), c(d[102]), c(d[103]), c(d[104]), c(d[105]), c(d[106]), c(d[107]), c(d[108]), c(d[109]),   \
      c(d[110]), c(d[111]), c(d[112]), c(d[113]), c(d[114]), c(d[115]), c(d[116]), c(d[117]), c(d[118]),   \
      c(d[119]), c(d[120]), c(d[121]), c(d[122]), c(d[123]), c(d[124]), c(d[125]), c(d[126]), c(d[127])

#define FLOAT_IN_OUT(x) "+f"(x)
#define INT_IN_OUT(x) "+r"(x)

// D += A B with predicate p true ("accumulate"); `tail` are the instruction's immediate operands.
#define WGMMA(instruction, in_out, tail)                                                        \
  asm volatile("{ .reg .pred p; setp.ne.b32 p, 1, 0; wgmma.mma_async.sync.aligned." instruction \
               " {" ACCUMULATORS "}, %128, %129, p" tail "; }"                                  \
               : IN_OUT(in_out)                                                                 \
               : "l"(a), "l"(b))

/// Per precision: k of one instruction (32 bytes), random operands of magnitude 0.5 to 1 (int8: any), the
/// instruction.
template <Precision>
struct Operation;
template <>
struct Operation<Precision::tf32> {
  using Sum = float;
  static constexpr int k = 8;
  static __device__ uint32_t random(uint32_t word) { return (word & 0x807FE000u) | 0x3F000000u; }
  static __device__ void multiply(Sum (&d)[128], uint64_t a, uint64_t b) {
    WGMMA("m64n256k8.f32.tf32.tf32", FLOAT_IN_OUT, ", 1, 1");
  }
};
template <>
struct Operation<Precision::bf16> {
  using Sum = float;
  static constexpr int k = 16;
  static __device__ uint32_t random(uint32_t word) { return (word & 0x807F807Fu) | 0x3F003F00u; }
  static __device__ void multiply(Sum (&d)[128], uint64_t a, uint64_t b) {
    WGMMA("m64n256k16.f32.bf16.bf16", FLOAT_IN_OUT, ", 1, 1, 0, 0");
  }
};
template <>
struct Operation<Precision::fp16> {
  using Sum = float;
  static constexpr int k = 16;
  static __device__ uint32_t random(uint32_t word) { return (word & 0x83FF83FFu) | 0x38003800u; }
  static __device__ void multiply(Sum (&d)[128], uint64_t a, uint64_t b) {
    WGMMA("m64n256k16.f32.f16.f16", FLOAT_IN_OUT, ", 1, 1, 0, 0");
  }
};
template <>
struct Operation<Precision::fp8e4m3> {
  using Sum = float;
  static constexpr int k = 32;
  static __device__ uint32_t random(uint32_t word) { return (word & 0x87878787u) | 0x30303030u; }
  static __device__ void multiply(Sum (&d)[128], uint64_t a, uint64_t b) {
    WGMMA("m64n256k32.f32.e4m3.e4m3", FLOAT_IN_OUT, ", 1, 1");
  }
};
template <>
struct Operation<Precision::int8> {
  using Sum = int;
  static constexpr int k = 32;
  static __device__ uint32_t random(uint32_t word) { return word; }
  static __device__ void multiply(Sum (&d)[128], uint64_t a, uint64_t b) {
    WGMMA("m64n256k32.s32.s8.s8", INT_IN_OUT, "");
  }
};

/// A matrix descriptor (PTX ISA, "Matrix Descriptor Format"): bits 0-13 address, 16-29 leading and 32-45
/// stride byte offset, all in units of 16 bytes; bits 62-63 = 1: 128-byte swizzle. With it the leading offset
/// is not used, and the stride is that of 8 rows of 128 bytes.
__device__ inline uint64_t descriptor(const void* shared) {
  const auto address = static_cast<uint64_t>(__cvta_generic_to_shared(shared));
  return (address & 0x3FFFF) >> 4 | uint64_t{1} << 16 | uint64_t{8 * kRowBytes >> 4} << 32 |
         uint64_t{1} << 62;
}

/// 256 rows of B, shared by the warpgroups, and 64 rows of A for each: 48 KiB. A swizzle atom is 1024 bytes.
struct alignas(1024) Operands {
  uint32_t b[kN * kRowBytes / 4];
  uint32_t a[kWarpgroups][kM * kRowBytes / 4];
};

template <Precision P>
__device__ void multiply(int iterations, uint32_t* ran) {
  using O = Operation<P>;
  __shared__ Operands operands;
  auto* words = reinterpret_cast<uint32_t*>(&operands);
  for (uint32_t i = threadIdx.x; i < sizeof operands / 4; i += kThreads) {
    words[i] = O::random(uniform_word(0x5EED, blockIdx.x, i));
  }
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  const uint64_t a = descriptor(operands.a[threadIdx.x / 128]), b = descriptor(operands.b);
  typename O::Sum sum[128] = {};
  for (int iteration = 0; iteration < iterations; ++iteration) {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int i = 0; i < kRowsPerWait * kStepsPerRow; ++i) {
      const int offset = i % kStepsPerRow * kStepBytes >> 4;
      O::multiply(sum, a + offset, b + offset);
    }
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  }
  typename O::Sum total = 0;
#pragma unroll
  for (int i = 0; i < 128; ++i) total += sum[i];
  *ran = total == typename O::Sum(12345678) ? 1u + (iterations < 0) : 1u;  // a use of the sums, and always 1
}

template <Precision P>
__global__ void __launch_bounds__(kThreads, 1)
    wgmma_kernel([[maybe_unused]] int iterations, [[maybe_unused]] uint32_t* ran) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  multiply<P>(iterations, ran);
#endif
}

template <Precision P>
double launch(const PeakRun& run) {
  wgmma_kernel<P><<<run.multiprocessors, kThreads, 0, run.stream>>>(run.iterations, run.ran);
  check_launch("wgmma loop");
  const double instructions =
      static_cast<double>(kRowsPerWait) * kStepsPerRow * kWarpgroups * run.multiprocessors;
  return 2.0 * kM * kN * Operation<P>::k * instructions * run.iterations;
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
