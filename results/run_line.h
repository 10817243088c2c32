// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/backend.h"
#include "harness/machine.h"
#include "harness/plan.h"

namespace breakeven {

/// A case that is to be measured, `launches` times.
struct PlannedCase {
  std::string id, device;  // "gemm/m64n64k64/fp32/cpu.onednn", "cpu"
  Regime regime = Regime::sustained;
  bool operator==(const PlannedCase&) const = default;
};

/// What was asked for, as asked, and what came of it: the cases in their order.
struct PlanFacts {
  std::vector<std::string> selectors;
  std::optional<std::string> preset;  // nothing with --shape or a file of problems
  std::vector<std::string> shapes, devices, kernels, precisions;
  Regime regime = Regime::sustained;  // the first, where cases are measured in several
  uint64_t seed = 1;
  int threads = 0;  // resolved
  int launches = 1;
  int seeds = 1;  // of trainings, in place of launches: launch L trains with seed + L
  std::optional<int> samples;
  std::optional<double> timeout_seconds;        // per case
  std::optional<double> train_timeout_seconds;  // per training
  std::optional<std::string> data;              // folder of a user's files to train on
  std::vector<std::string> definitions;         // workloads of the user, as TOML
  std::vector<PlannedCase> cases;
};

/// Whether a case trains; how often it is run, which is seeds or launches; how many seconds it may take.
bool is_training(const PlannedCase&);
int repeats(const PlanFacts&, const PlannedCase&);
double timeout_of(const PlanFacts&, const PlannedCase&);
/// Where the plan says nothing.
inline constexpr double kTimeout = 600, kTrainTimeout = 7200;

struct RunFacts {
  std::string version, git;  // git: the commit the tool was built from, "" when unknown
  std::vector<std::string> argv;
  Machine machine;
  std::vector<DeviceInfo> devices;
  std::vector<std::pair<std::string, std::string>> libraries;
  std::optional<std::string> instance;  // "aws:p5.48xlarge"
  PlanFacts plan;
};

/// The `"kind":"run"` line: the facts, a fresh id, and now as its start.
nlohmann::ordered_json run_line(const RunFacts&);

/// The plan in the run line of a file that was read: what --resume goes by. Throws UsageError when another
/// program wrote it without its cases.
PlanFacts planned(const nlohmann::json& run);

}  // namespace breakeven
