// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace breakeven::train {

/// The order in which an epoch takes its samples: a permutation of 0..samples-1, the same on every machine.
/// Fisher and Yates from the end: for i = samples - 1 down to 1, element i changes places with element
///   (word x (i + 1)) >> 32, word number i % 4 of philox(key = seed, low = i / 4, high = 2^32 + epoch)
/// A place is favoured by less than samples / 2^32.
std::vector<uint32_t> epoch_order(uint64_t seed, uint64_t epoch, int64_t samples);

/// The tokens at which the windows first, ..., first + count - 1 of a run start, anywhere in a text of so
/// many tokens that leaves room for the window and the token after it:
///   (word x (tokens - window)) >> 32, word number i % 4 of philox(key = seed, low = i / 4, high = 2^33)
/// Throws std::runtime_error for a text no longer than a window.
std::vector<uint32_t> window_starts(uint64_t seed, int64_t first, int64_t count, int64_t tokens,
                                    int64_t window);

}  // namespace breakeven::train
