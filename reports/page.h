// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "reports/grid.h"
#include "results/attest.h"
#include "results/result_file.h"

namespace breakeven {

/// What `run` prints at its end and `show` prints again: machine and method, a table per question, the
/// sentences, what went wrong, and how to read the numbers.
std::string page(const ResultFile&, Style, std::span<const Attestation> = attestations());

/// "57 ok, 12 skipped, 1 wrong": every status that occurs, ok first.
std::string tally(const std::vector<Record>&);

}  // namespace breakeven
