// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/grid.h"
#include "reports/rate_table.h"

namespace breakeven {

/// What lower precision buys and what it costs: one problem under one regime, in every precision by every
/// contender.
struct Frontier {
  std::string problem, regime;
  std::vector<Cell> cells;    // with an error, ordered by it
  std::vector<bool> on_edge;  // no other is both faster and more accurate
};

/// Every problem of the suite `mixed` in these tables that is neither `wide` nor filled with anything but
/// uniform values, in the order of the tables.
std::vector<Frontier> frontiers(const std::vector<RateTable>&);

/// A table, and below it the sentence that names the frontier.
std::string render(const Frontier&, Style);

/// The fill in a problem's name, "wide+scale12"; empty: uniform.
std::string fill_of(const std::string& problem);

/// Operations a second; 0 for what was checked and never timed.
double rate(const Cell&);

/// Whether a table's questions are those of the suite `mixed`.
bool is_mixed(const RateTable&);

/// Every answered cell of the suite `mixed`.
std::vector<Cell> mixed_cells(const std::vector<RateTable>&);

}  // namespace breakeven
