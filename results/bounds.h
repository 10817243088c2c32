// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// What a result file may be at most. The writer keeps within it and the reader refuses more, so that no file,
// however made, can cost a reader more than a little time and memory.

namespace breakeven {

inline constexpr int kSchema = 1;  // version of the contract that this program writes and reads
inline constexpr int64_t kMaxFileBytes = 256LL << 20;
inline constexpr size_t kMaxLineBytes = 16u << 20;
inline constexpr size_t kMaxDepth = 32;                    // arrays and objects inside one another
inline constexpr size_t kMaxSamples = 200'000;             // of one record
inline constexpr size_t kMaxLineValues = 2'000'000;        // JSON values and keys in one line
inline constexpr size_t kMaxFileValues = size_t{1} << 25;  // in all lines together
inline constexpr size_t kMaxTrainPoints = 10'000;          // of a training's curve; its evaluations
inline constexpr size_t kMinSamples = 5;                   // of a record whose status is ok

/// Whether a record that is ok may have fewer than kMinSamples: a training has one per launch, an emulated
/// device is checked and never timed.
constexpr bool may_be_short(std::string_view suite, std::string_view device) {
  return suite == "train" || device == "emu";
}

}  // namespace breakeven
