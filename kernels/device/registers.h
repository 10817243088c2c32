// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// setmaxnreg (compute capability 9.0a): a warpgroup gives registers back or takes some, so that the one that
// only starts copies leaves them to those that hold accumulators. Counts per thread, multiples of 8 from 24
// to 256, known at compile time; all warps of the warpgroup call it. Traps: an increase waits until the block
// has so many free: the sum over the block must fit the 65536 of the multiprocessor. ptxas ignores it
// silently (C7508) unless the kernel has __launch_bounds__(threads, 1).

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/registers.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

template <int n>
__device__ inline void registers_decrease() {
  static_assert(24 <= n && n <= 256 && n % 8 == 0);
#if BREAKEVEN_HOPPER
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(n));
#endif
}

template <int n>
__device__ inline void registers_increase() {
  static_assert(24 <= n && n <= 256 && n % 8 == 0);
#if BREAKEVEN_HOPPER
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(n));
#endif
}

}  // namespace breakeven::device

#endif
