// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/train/gate.h"
#include "harness/train/workload.h"

namespace breakeven::train {

/// How one whole run ended.
struct ReferencePoint {
  uint64_t seed = 0;
  double quality = 0;                    // of the last evaluation
  std::optional<int64_t> crossing_step;  // of the first evaluation at or beyond the target; nothing: never
};

/// Runs of a workload that others are held against ("reference convergence points" in MLPerf): fp32, many seeds.
struct ReferencePoints {
  std::string workload, method, precision, machine, libraries;
  std::vector<ReferencePoint> seeds;
};

/// Differences that nobody would call another training, which many seeds would show all the same: of the quality,
/// and of the first crossing as a share of the reference's.
double quality_margin(Metric);
inline constexpr double kCrossingMargin = 0.05;

/// Gate L4 of whole runs: the mean quality of `runs` within three standard deviations of one reference run (and
/// the margin). Verdict::none without runs.
GateResult quality_gate(const ReferencePoints&, Metric, std::span<const ReferencePoint> runs);

/// Gate L5: Welch's one-sided test both ways, of the final quality, and of the first crossing where all have
/// one. Too good or too fast is as suspicious as too bad: changed mathematics, or test data seen.
/// `significance` is of one test of the four. Error and bound are t and its critical value. Verdict::none with
/// fewer than two runs.
GateResult reference_gate(const ReferencePoints&, Metric, std::span<const ReferencePoint> runs,
                          double significance = 0.05);

}  // namespace breakeven::train
