// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/case.h"
#include "harness/plan.h"
#include "results/run_line.h"

namespace breakeven::cli {

/// What a supervisor hands to a worker on its standard input: the cases from `first` on, and how to measure
/// them.
struct WorkOrder {
  std::string preset;
  uint64_t seed = 1;
  int threads = 1;
  std::optional<int> samples;
  int launch = 0;
  size_t first = 0;
  std::vector<PlannedCase> cases;        // of the whole launch
  std::optional<std::string> data = {};  // as in the plan
  std::vector<std::string> definitions = {};
};
std::string to_text(const WorkOrder&);
WorkOrder work_order(const std::string& text);

/// How the worker measures a case of this regime: the preset's budget, the order's seed, threads and samples.
Plan plan_of(const WorkOrder&, Regime);

/// A command line that measures this one case again.
std::string repro(const WorkOrder&, const PlannedCase&);

}  // namespace breakeven::cli
