// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// wgmma (compute capability 9.0a): the four warps of a warpgroup multiply A[64, k] by B[k, N], both in shared
// memory, into registers, asynchronously. k is 32 bytes: 8 tf32, 16 bf16 or fp16, 32 fp8 or int8.
// d[4 j + i] of thread t = 32 w + lane: row 16 w + lane / 4 + 8 (i / 2), column 8 j + 2 (lane % 4) + i % 2.
// The order: wgmma_fence, wgmma..., wgmma_commit, ..., wgmma_wait<pending>, then d may be touched.
// Traps: operands are read and d is written any time until the wait; touching d earlier makes ptxas serialise
// (C7510), and wgmma_fence must stand between ordinary writes of d and the next wgmma (not between wgmmas of
// one shape). Shared memory written by ordinary stores needs fence_proxy_async and a barrier. tf32 takes the
// upper 19 bits of each element: rounding is up to whoever wrote it. fp8 sums keep about 14 bits: add them up
// elsewhere every few steps where that matters.

#include <type_traits>

#include "harness/precision.h"
#include "kernels/device/major.h"

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/wgmma.h"
#else

#include "kernels/device/language.h"
#include "kernels/device/wgmma_registers.h"

namespace breakeven::device {

/// A matrix descriptor of a tile with the 128-byte swizzle (bits 62-63 = 1): its address, and two byte
/// offsets (multiples of 16, below 256 KiB). The tile consists of atoms of 8 rows of 128 bytes, aligned to
/// 1024.
///   K-major:  rows are m (or n); stride_bytes leads from 8 rows to the next 8; leading_bytes is not used.
///             The next k step is 32 bytes on: add 2 to the descriptor (units of 16 bytes).
///   MN-major: rows are k, 128 bytes of n (of A: m) each; stride_bytes leads to the next 8 of k,
///   leading_bytes to the
///             next 128 bytes of n. The next k step is 16 rows on: for 16-bit types 2048 bytes, add 128.
__device__ inline uint64_t wgmma_descriptor(const void* shared, int leading_bytes, int stride_bytes) {
  const uint64_t address = shared_address(shared), leading = static_cast<uint32_t>(leading_bytes),
                 stride = static_cast<uint32_t>(stride_bytes);
  return (address & 0x3FFFF) >> 4 | (leading & 0x3FFFF) >> 4 << 16 | (stride & 0x3FFFF) >> 4 << 32 |
         uint64_t{1} << 62;
}

/// wgmma.fence: registers written so far may be used as accumulators by what follows.
__device__ inline void wgmma_fence() {
#if BREAKEVEN_HOPPER
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

/// wgmma.commit_group: the multiplications since the last commit become one group.
__device__ inline void wgmma_commit() {
#if BREAKEVEN_HOPPER
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

/// wgmma.wait_group: waits until at most the newest `pending` groups are under way.
template <int pending>
__device__ inline void wgmma_wait() {
  static_assert(0 <= pending && pending <= 7);
#if BREAKEVEN_HOPPER
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
#endif
}

/// No instruction: tells the compiler that d may change here, so that it moves no use of d across the fence
/// or the wait beside it.
template <int N, class Sum>
__device__ inline void wgmma_pin(Sum (&d)[N / 2]) {
#if BREAKEVEN_HOPPER
#pragma unroll
  for (int i = 0; i < N / 2; ++i) {
    if constexpr (std::is_integral_v<Sum>) {
      asm volatile("" : "+r"(d[i])::"memory");
    } else {
      asm volatile("" : "+f"(d[i])::"memory");
    }
  }
#endif
}

/// wgmma.mma_async m64nNk: D = A B, plus D where `accumulate`. P: bf16 fp16 tf32 fp8e4m3 int8 (Sum int32_t,
/// else float). A and B are K-major; for the 16-bit types alone either may be MN-major. N: 8, 16, 24, 32, or
/// a multiple of 16 up to 256.
template <Precision P, int N, Major b_major = Major::k, Major a_major = Major::k, class Sum>
__device__ inline void wgmma([[maybe_unused]] Sum (&d)[N / 2], [[maybe_unused]] uint64_t a,
                             [[maybe_unused]] uint64_t b, [[maybe_unused]] bool accumulate) {
  static_assert(N >= 8 && N <= 256 && (N % 16 == 0 || N == 8 || N == 24));
  static_assert((a_major == Major::k && b_major == Major::k) || P == Precision::bf16 || P == Precision::fp16,
                "only 16-bit types may be MN-major");
#if BREAKEVEN_HOPPER
  [[maybe_unused]] constexpr int transposed = b_major == Major::mn;
  if constexpr (P == Precision::bf16 && a_major == Major::mn) {
    BREAKEVEN_WGMMA("k16.f32.bf16.bf16", BREAKEVEN_F, BREAKEVEN_SCALED_BOTH_TRANSPOSED)
  } else if constexpr (P == Precision::fp16 && a_major == Major::mn) {
    BREAKEVEN_WGMMA("k16.f32.f16.f16", BREAKEVEN_F, BREAKEVEN_SCALED_BOTH_TRANSPOSED)
  } else if constexpr (P == Precision::bf16) {
    BREAKEVEN_WGMMA("k16.f32.bf16.bf16", BREAKEVEN_F, BREAKEVEN_SCALED_TRANSPOSED)
  } else if constexpr (P == Precision::fp16) {
    BREAKEVEN_WGMMA("k16.f32.f16.f16", BREAKEVEN_F, BREAKEVEN_SCALED_TRANSPOSED)
  } else if constexpr (P == Precision::tf32) {
    BREAKEVEN_WGMMA("k8.f32.tf32.tf32", BREAKEVEN_F, BREAKEVEN_SCALED)
  } else if constexpr (P == Precision::fp8e4m3) {
    BREAKEVEN_WGMMA("k32.f32.e4m3.e4m3", BREAKEVEN_F, BREAKEVEN_SCALED)
  } else {
    static_assert(P == Precision::int8, "wgmma multiplies tf32, bf16, fp16, fp8e4m3 and int8");
    BREAKEVEN_WGMMA("k32.s32.s8.s8", BREAKEVEN_I, BREAKEVEN_PLAIN)
  }
#endif
}

}  // namespace breakeven::device

#endif
