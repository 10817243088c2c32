// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#if defined(__CUDACC__)
#define BREAKEVEN_HOST_DEVICE __host__ __device__
#else
#define BREAKEVEN_HOST_DEVICE
#endif

namespace breakeven {

/// Four random 32-bit words.
struct PhiloxBlock {
  uint32_t word[4];
};

/// One of the ten rounds, on counter words c0..c3 under the round's key.
BREAKEVEN_HOST_DEVICE constexpr void philox_round(uint32_t& c0, uint32_t& c1, uint32_t& c2, uint32_t& c3,
                                                  uint32_t k0, uint32_t k1) {
  const uint64_t p0 = uint64_t{0xD2511F53u} * c0, p1 = uint64_t{0xCD9E8D57u} * c2;
  c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
  c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
  c1 = static_cast<uint32_t>(p1);
  c3 = static_cast<uint32_t>(p0);
}

// What the key grows by from round to round (Weyl sequences of the golden ratio and of sqrt(3) - 1).
inline constexpr int kPhiloxRounds = 10;
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9u, kPhiloxWeyl1 = 0xBB67AE85u;

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11): a pure
/// function of a 128-bit counter and a 64-bit key, so that any element of any operand can be made anywhere,
/// in any order, by any number of threads, on the host and on a GPU, with the same bits.
BREAKEVEN_HOST_DEVICE constexpr PhiloxBlock philox(uint64_t key, uint64_t counter_low,
                                                   uint64_t counter_high) {
  uint32_t c0 = static_cast<uint32_t>(counter_low), c1 = static_cast<uint32_t>(counter_low >> 32);
  uint32_t c2 = static_cast<uint32_t>(counter_high), c3 = static_cast<uint32_t>(counter_high >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round, k0 += kPhiloxWeyl0, k1 += kPhiloxWeyl1) {
    philox_round(c0, c1, c2, c3, k0, k1);
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace breakeven
