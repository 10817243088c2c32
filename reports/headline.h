// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/result_file.h"

namespace breakeven {

/// The sentences the reader came for, most important first; none when fewer than two contenders answered one
/// problem. Always about the largest problem that the compared contenders share:
/// what precision buys ("m4096n4096k4096: bf16 cpu.onednn is 4.1x fp32 cpu.openblas"), who is fastest at
/// fp32, and, where both answered, GPU against CPU with and without transfers.
std::vector<std::string> headlines(const std::vector<Record>&);

}  // namespace breakeven
