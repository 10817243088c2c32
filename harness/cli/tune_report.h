// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/train/tune.h"

namespace breakeven::cli {

/// What a search was over and whether it came to its end.
struct TuneSubject {
  std::string workload, contender;  // "cpu.onednn"
  size_t trials = 0;                // done
  bool complete = false;
};

/// Sentences: the least time-to-solution and where, and what batch size, precision and both brought.
std::string tune_text(const TuneSubject&, const train::SearchSpace&, const train::TuneAnswer&);
nlohmann::json tune_json(const TuneSubject&, const train::SearchSpace&, const train::TuneAnswer&);

}  // namespace breakeven::cli
