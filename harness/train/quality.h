// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "harness/train/executable.h"
#include "harness/train/workload.h"

namespace breakeven::train {

/// Area under the curve of true over false positives: the chance that a sample labelled 1 scores above one
/// labelled 0, equal scores counting half (Mann and Whitney's statistic, by ranks). NaN when a score is, or
/// when all labels are equal.
double area_under_curve(std::span<const float> scores, std::span<const uint8_t> labels);

/// An evaluation in the workload's metric. `labels`: of the test set (auc alone looks at them).
double quality_of(const Evaluation&, Metric, std::span<const uint8_t> labels);

}  // namespace breakeven::train
