// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__)
#include <pmmintrin.h>
#endif

namespace breakeven::cpu {

/// For the calling thread. Arithmetic on denormals is up to 200 times slower in microcode, and no deep-learning
/// framework keeps them.
inline void flush_denormals() {
#if defined(__x86_64__)
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
#endif
}

}  // namespace breakeven::cpu
