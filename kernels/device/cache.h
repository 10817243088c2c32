// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Loads and stores of what is used once: marked as the first to leave the caches, so that what is used again
// may stay. 16 bytes, aligned.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/cache.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

/// ld.global.cs. Trap: unlike __ldg it may read what this kernel writes.
__device__ inline uint4 load_streaming(const uint4* from) { return __ldcs(from); }

/// st.global.cs
__device__ inline void store_streaming(uint4* to, uint4 value) { __stcs(to, value); }

}  // namespace breakeven::device

#endif
