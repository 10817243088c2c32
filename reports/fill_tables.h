// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/grid.h"
#include "reports/rate_table.h"

namespace breakeven {

/// What a wide dynamic range does to narrow formats and loss scaling about it: precision by scale; below,
/// what scaling saved. Empty where no `wide` problem of the suite `mixed` was answered.
std::string wide_tables(const std::vector<RateTable>&, Style);

/// How much other data would have flattered: for each problem and contender of the suite `mixed` measured
/// with several fills, its rates over the one with uniform values. Empty where there are none.
std::string fill_tables(const std::vector<RateTable>&, Style);

}  // namespace breakeven
