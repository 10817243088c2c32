// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "reports/rate_table.h"
#include "results/attest.h"

namespace breakeven {

/// Below a table: which of its own GPU kernels a GPU has verified, a line for each standing. Empty when it
/// has none.
std::string standings(const RateTable&, std::span<const Attestation>, Style);

}  // namespace breakeven
