// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "harness/philox.h"

namespace breakeven::train {

// Streams of every generator: samples of one never share a draw with the other's.
inline constexpr uint32_t kTrainStream = 1, kTestStream = 2;

/// A word as a number of 0..n-1, each with probability within 2^-32 of 1/n.
constexpr uint32_t below(uint32_t word, uint32_t n) {
  return static_cast<uint32_t>(uint64_t{word} * n >> 32);
}
/// Two words as a number of -amplitude..amplitude, those near zero likelier (a triangle).
constexpr int32_t triangular(uint32_t one, uint32_t other, int32_t amplitude) {
  const auto n = static_cast<uint32_t>(amplitude + 1);
  return static_cast<int32_t>(below(one, n) + below(other, n)) - amplitude;
}

/// The random numbers of one sample, whichever thread makes it: Philox under the key {seed, stream}, with the
/// sample's index in the counter. Everything drawn is a whole number, so that all machines draw the same.
/// Trap: two draws among the arguments of one call come in an order that each compiler chooses. One draw a
/// statement.
class Draws {
 public:
  Draws(uint64_t seed, uint32_t stream, uint64_t index)
      : key_(seed ^ uint64_t{stream * kPhiloxWeyl0} << 32), stream_(stream), index_(index) {}

  uint32_t next() {
    if (used_ == 4) refill();
    return block_.word[used_++];
  }
  uint32_t below(uint32_t n) { return train::below(next(), n); }
  /// first..last, both included.
  int32_t range(int32_t first, int32_t last) {
    return first + static_cast<int32_t>(below(static_cast<uint32_t>(last - first + 1)));
  }
  int32_t triangular(int32_t amplitude) {
    const uint32_t one = next();
    const uint32_t other = next();
    return train::triangular(one, other, amplitude);
  }
  /// What next() would return, once for each word, several blocks at a time.
  void fill(std::span<uint32_t> words);

 private:
  void refill() {
    block_ = philox(key_, uint64_t{stream_} << 32 | blocks_, index_);
    ++blocks_;
    used_ = 0;
  }

  uint64_t key_;
  uint32_t stream_, blocks_ = 0;
  uint64_t index_;
  PhiloxBlock block_;
  int used_ = 4;
};

}  // namespace breakeven::train
