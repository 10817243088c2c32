// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "harness/median.h"

namespace breakeven::cpu {

/// Recorded time over bare time may differ from 1 by this much.
inline constexpr double kOverheadPromise = 0.02;
/// Half width of an interval that lies across the promise's edge but is tight enough for its median to be
/// believed.
inline constexpr double kTightInterval = 0.005;

enum class OverheadVerdict : uint8_t { kept, broken, inconclusive };

/// Of the 95 % interval of the median ratio: `kept` when all of it is within the promise, `broken` when all
/// of it is on one side outside, nothing when more rounds may tell.
inline std::optional<OverheadVerdict> settled(const MedianInterval& ratio) {
  if (ratio.low >= 1 - kOverheadPromise && ratio.high <= 1 + kOverheadPromise) return OverheadVerdict::kept;
  if (ratio.low > 1 + kOverheadPromise || ratio.high < 1 - kOverheadPromise) return OverheadVerdict::broken;
  return std::nullopt;
}

/// The same when there is no time for more rounds: across the edge, the median decides if the interval is
/// tight, and otherwise the machine was too noisy to tell.
inline OverheadVerdict final_verdict(const MedianInterval& ratio) {
  if (const auto verdict = settled(ratio)) return *verdict;
  if ((ratio.high - ratio.low) / 2 > kTightInterval) return OverheadVerdict::inconclusive;
  return std::abs(ratio.median - 1) <= kOverheadPromise ? OverheadVerdict::kept : OverheadVerdict::broken;
}

}  // namespace breakeven::cpu
