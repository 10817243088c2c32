// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include <cstdint>

// For files compiled for AMX alone.

namespace breakeven::cpu {
namespace {

struct alignas(64) Exchange {
  int32_t lower[16], upper[16];
};
template <int kStep>
constexpr Exchange exchange_of() {
  Exchange e{};
  for (int i = 0; i < 16; ++i) {
    e.lower[i] = (i & kStep) ? 16 + i - kStep : i;
    e.upper[i] = (i & kStep) ? 16 + i : i + kStep;
  }
  return e;
}

/// One step of a transposition: exchanges what stands `kStep` off the diagonal between rows i and i + kStep.
template <int kStep>
[[gnu::always_inline]] inline void exchange(__m512i (&rows)[16]) {
  static constexpr Exchange kExchange = exchange_of<kStep>();
  const __m512i low = _mm512_load_si512(kExchange.lower), high = _mm512_load_si512(kExchange.upper);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    if (i & kStep) continue;
    const __m512i a = rows[i], b = rows[i + kStep];
    rows[i] = _mm512_permutex2var_epi32(a, low, b);
    rows[i + kStep] = _mm512_permutex2var_epi32(a, high, b);
  }
}

/// 16 x 16 words of 4 bytes.
[[gnu::always_inline]] inline void transpose(__m512i (&rows)[16]) {
  exchange<8>(rows);
  exchange<4>(rows);
  exchange<2>(rows);
  exchange<1>(rows);
}

/// The first `n` of 16.
inline __mmask16 first_of(int64_t n) {
  return n >= 16 ? 0xFFFF : n <= 0 ? 0 : static_cast<__mmask16>((1u << n) - 1);
}

}  // namespace
}  // namespace breakeven::cpu
