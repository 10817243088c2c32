// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/rate_table.h"

namespace breakeven {

/// The sentences the reader came for, from the numbers in the tables; none when fewer than two contenders
/// answered one problem. Always about the largest problem that the compared contenders share: GPU against
/// CPU, with and without transfers, where both answered; what precision buys ("m4096n4096k4096: bf16
/// cpu.onednn is 4.10x fp32 cpu.openblas"); who is fastest at fp32. Two whose intervals overlap cannot be
/// told apart, and it says so.
std::vector<std::string> headlines(const std::vector<RateTable>&);

}  // namespace breakeven
