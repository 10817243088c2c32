// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "results/result_file.h"

namespace breakeven {

/// A `"kind":"result"` line as the contract has it. Throws InvalidField.
Record read_record(nlohmann::json line);

/// Throws InvalidField unless `line` is the run line of a file of this schema (read_run.cpp).
void require_run(const nlohmann::json& line);

}  // namespace breakeven
