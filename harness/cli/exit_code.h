// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace breakeven::cli {

/// The same for every verb; the first that applies of internal, usage, wrong, not_comparable, nothing.
enum class ExitCode : int { done = 0, wrong = 1, usage = 2, not_comparable = 3, nothing = 4, internal = 5 };

/// There is nothing to measure or to judge, and why: ends the command with exit code 4.
struct NothingToDo : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace breakeven::cli
