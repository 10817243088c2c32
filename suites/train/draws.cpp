// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/draws.h"

#include <algorithm>

namespace breakeven::train {
namespace {

// Compiled once for every vector width of x86-64, as the operands' generator is (harness/tensor.cpp says why
// not under the thread sanitizer); every step is exact, so all give the same words.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
#define BREAKEVEN_EVERY_VECTOR_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define BREAKEVEN_EVERY_VECTOR_WIDTH
#endif
constexpr int kLanes = 32;

/// Blocks `first` ... first + kLanes - 1 of a sample in the order they are drawn: philox(), the loop over
/// blocks innermost.
BREAKEVEN_EVERY_VECTOR_WIDTH
void make_blocks(uint64_t key, uint32_t stream, uint64_t index, uint32_t first, uint32_t* __restrict words) {
  uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    c0[lane] = first + lane;
    c1[lane] = stream;
    c2[lane] = static_cast<uint32_t>(index);
    c3[lane] = static_cast<uint32_t>(index >> 32);
  }
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round, k0 += kPhiloxWeyl0, k1 += kPhiloxWeyl1) {
    for (int lane = 0; lane < kLanes; ++lane) {
      philox_round(c0[lane], c1[lane], c2[lane], c3[lane], k0, k1);
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    words[4 * lane] = c0[lane];
    words[4 * lane + 1] = c1[lane];
    words[4 * lane + 2] = c2[lane];
    words[4 * lane + 3] = c3[lane];
  }
}

}  // namespace

void Draws::fill(std::span<uint32_t> words) {
  while (used_ < 4 && !words.empty()) {
    words.front() = next();
    words = words.subspan(1);
  }
  uint32_t some[4 * kLanes];
  while (words.size() >= 4) {
    const size_t blocks = std::min<size_t>(kLanes, words.size() / 4);
    make_blocks(key_, stream_, index_, blocks_, some);
    std::copy_n(some, 4 * blocks, words.begin());
    blocks_ += static_cast<uint32_t>(blocks);
    words = words.subspan(4 * blocks);
  }
  for (uint32_t& word : words) word = next();
}

}  // namespace breakeven::train
