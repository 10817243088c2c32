// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Named barriers: a rendezvous of some warps of a block, ids 1 to 15 (0 is __syncthreads).
// Traps: the id is a template parameter, since with one known at run time only, ptxas reserves all sixteen;
// `threads` counts every participant, those that only arrive too, is a multiple of 32, and is the same in all
// of them; all lanes of a warp must come together.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/barrier.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

/// bar.sync: waits until `threads` threads have come to barrier `id`.
template <int id>
__device__ inline void barrier_sync([[maybe_unused]] int threads) {
  static_assert(1 <= id && id <= 15);
  asm volatile("bar.sync %0, %1;" ::"n"(id), "r"(threads) : "memory");
}

/// bar.arrive: counts this warp in and does not wait.
template <int id>
__device__ inline void barrier_arrive([[maybe_unused]] int threads) {
  static_assert(1 <= id && id <= 15);
  asm volatile("bar.arrive %0, %1;" ::"n"(id), "r"(threads) : "memory");
}

}  // namespace breakeven::device

#endif
