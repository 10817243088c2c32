// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/grid.h"
#include "results/result_file.h"

namespace breakeven {

/// Of every workload that was trained, a block: a table with a row for each precision and contender, where
/// the time went, the course of the quality, and who was skipped and why. Empty where nothing was trained.
std::string train_tables(const std::vector<Record>&, Style);

/// For each workload with two or more contenders that reached its target: which is sooner, by how much (the
/// geometric mean over the seeds both trained with), and between which ratios of single seeds.
std::vector<std::string> train_headlines(const std::vector<Record>&);

/// Values over time as a line of blocks, "▁▃▆█": `columns` of them, each the last value at or before its end;
/// blank before the first. From least to greatest; all alike: the middle.
std::string sparkline(const std::vector<std::pair<double, double>>& points, int columns);

}  // namespace breakeven
