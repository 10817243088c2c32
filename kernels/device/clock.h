// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clock of the whole GPU.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/clock.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

/// %globaltimer, in nanoseconds. Trap: it advances in steps of up to a microsecond or so.
__device__ inline uint64_t nanoseconds() {
  uint64_t now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)::"memory");
  return now;
}

}  // namespace breakeven::device

#endif
