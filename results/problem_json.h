// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/problem.h"

namespace breakeven {

/// The `"problem"` of a result line: `"op"` names the kind, its sizes follow, then the precision
/// (schema.json, "problem").
nlohmann::ordered_json problem_json(const Problem&);

}  // namespace breakeven
