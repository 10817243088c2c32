// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "suites/grammar.h"
#include "suites/toml_document.h"

namespace breakeven {

/// No file may ask for more problems than this, all its sets together.
inline constexpr int64_t kMostProblems = 100'000;

/// The names of the product of all values of a grid's keys, the first key outermost. At most kMostProblems,
/// refused before any is made. (Whether a name is a problem is for the suite's parser to say.)
std::vector<std::string> expand_grid(const TomlDocument&, const toml::table& grid, const Grammar&);

}  // namespace breakeven
