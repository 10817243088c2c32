// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/grid.h"
#include "results/result_file.h"

namespace breakeven {

/// What several launches of one case on one device say together.
struct Cell {
  const Record* record = nullptr;  // of the launch whose median is the middle one
  double seconds = 0;              // median over launches of the medians; 0 when none is ok
  double low = 0,
         high = 0;  // one launch: the 95 % interval of its median; several: least and greatest median
};

/// What a suite counts a second: operations, or bytes where memory and the way to it decide.
enum class Counted : uint8_t { operations, bytes };
Counted counted(const Record&);
/// Of what is counted, in one execution; 0 for latencies.
double amount(const Record&);

/// One question: a suite at one precision and regime (many convolutions: and one direction). Problems down,
/// contenders across.
struct RateTable {
  std::string title;  // "gemm bf16, sustained, 2 CPU threads"
  std::string unit;   // "GFLOP/s", "GOP/s", "GB/s"
  std::vector<std::string> problems;
  std::vector<std::string> contenders;   // "cpu.onednn", "cuda:0.cublaslt"
  std::vector<std::vector<Cell>> cells;  // [problem][contender]; record null: not asked
};

/// Whether anybody but the judge answered anything but "skipped".
bool has_contest(const RateTable&);

/// Every table of a file but those of trainings, in the order of the file. Problems are ordered by work; those that count bytes by
/// operation, then by bytes.
std::vector<RateTable> rate_tables(const std::vector<Record>&);
std::vector<RateTable> rate_tables(std::vector<Record>&&) = delete;  // cells point into the records

/// Who was skipped how often and why, a line a reason.
std::string skipped(const RateTable&, Style);

/// Rates in 10^9 operations or bytes a second, the time itself where a row has neither, the fastest of a row
/// marked, its time and its share of the measured peaks beside it; below, who was skipped and why.
std::string render(const RateTable&, Style);

}  // namespace breakeven
