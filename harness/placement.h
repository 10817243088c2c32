// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/case.h"
#include "harness/plan.h"

namespace breakeven {

/// How many copies of a problem's operands and results to place, and why not more.
struct Room {
  int64_t slots = 1;
  int64_t rotation_bytes = 0;  // 0 when isolated
  std::string clamp;           // empty: as many as the method wants
};

/// Sustained: enough copies to rotate through min(2 x last-level cache, 512 MiB, memory / 8), fewer when
/// memory is short. Isolated: one.
Room make_room(const Case&, Regime);

/// Why the case does not fit in memory, before anything is allocated.
Reason too_large(const Case&);

/// Why a plain contender should not start on a problem of this size.
Reason too_slow(const Case&, const Budget&);
/// The same, once the first execution has shown what it takes.
Reason too_slow(const Case&, const Budget&, double seconds_per_execution);

/// Why a plain contender should not start on a training.
Reason too_slow_to_train(const Case&);

}  // namespace breakeven
