// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/case.h"
#include "suites/suites.h"

namespace CLI {
class App;
}

namespace breakeven::cli {

/// What to look at, as given on a command line; shared by `list` and `run`.
struct Selection {
  std::vector<std::string> selectors;
  std::string preset = "quick";
  std::vector<std::string> devices{"all"};
  std::vector<std::string> kernels, precisions, shapes;
  std::string catalog;
};

/// Adds the options that fill a selection.
void add_selection(CLI::App& verb, Selection&);

const Preset& preset_of(const Selection&);
std::vector<Suite> suites_of(const Selection&);

/// The cases that a selection names among these backends, in order, each once. Throws UsageError for names
/// nobody knows, NothingToDo when the devices asked for are not there.
std::vector<Case> select(const Selection&, const std::vector<Backend>&);

}  // namespace breakeven::cli
