// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/train/reference_points.h"

namespace breakeven {

// Of one file: from 3 seeds on there is a spread to speak of.
inline constexpr size_t kFewestReferenceSeeds = 3, kMostReferenceSeeds = 1000;
inline constexpr size_t kMostReferenceBytes = 1 << 20;

/// Reads suites/train/rcp/<workload>.json, as scripts/rcp writes it:
///   {"workload", "method", "precision", "machine", "libraries": texts,
///    "seeds": [{"seed": distinct, "quality": >= 0, "crossing_step": of the first evaluation at the target, or null}]}
/// Throws UsageError of one sentence that begins with `file`.
train::ReferencePoints parse_reference_points(const std::string& file, std::string_view text);

}  // namespace breakeven
