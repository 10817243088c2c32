// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/case.h"
#include "harness/result.h"

namespace breakeven {

/// Where in a run a result was measured; together with case, device, regime and threads it is the record's
/// key.
struct Slot {
  int launch = 0;
  std::optional<int> round, slot;
};

/// The `"kind":"result"` line of the contract (DESIGN, "Result file") for one measured case. The only writer.
nlohmann::ordered_json to_record(const Case&, const Plan&, const Slot&, const Result&,
                                 const std::string& repro);

}  // namespace breakeven
