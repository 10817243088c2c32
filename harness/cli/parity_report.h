// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/cli/exit_code.h"
#include "harness/train/parity.h"
#include "harness/train/reference_points.h"

namespace breakeven::cli {

/// What parity found on one workload.
struct ParityTable {
  std::string workload;
  int64_t batch = 0, steps = 0;
  std::vector<train::ParityRow> rows;
};

/// Trainings to the end by one contender in one precision, at the workload's own batch.
struct WholeRuns {
  std::string workload, contender;
  Precision precision = Precision::fp32;
  std::vector<train::ReferencePoint> points;
};
/// Of all result files together. Throws UsageError for what is no result file.
std::vector<WholeRuns> whole_runs(const std::vector<std::string>& files);

/// Adds gates L4 (of whole runs) and L5 of those who have runs, where reference points of the workload are built
/// in. All tests together err in 5 % of the cases where nothing is wrong.
void add_reference_gates(ParityTable&, train::Metric, const std::vector<WholeRuns>&);

/// A table, and a line for everything that is wrong.
void print(const ParityTable&);
nlohmann::ordered_json to_json(const std::vector<ParityTable>&);

/// wrong where a gate is, nothing where none was tried.
ExitCode outcome(const std::vector<ParityTable>&);

}  // namespace breakeven::cli
