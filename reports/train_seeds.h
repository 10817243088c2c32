// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/result_file.h"

namespace breakeven {

/// Every seed of one training by one contender on one device.
struct TrainedCase {
  std::string id, device;
  std::vector<const Record*> seeds;  // by launch
};
/// Of the suite `train`, in the order of the file.
std::vector<TrainedCase> trained_cases(const std::vector<Record>&);
std::vector<TrainedCase> trained_cases(std::vector<Record>&&) = delete;  // they point into the records

/// What the seeds of one case say together.
struct SeedVerdict {
  int seeds = 0, reached = 0;                // that were trained to the end of their schedule; of them
  double mean = 0, least = 0, greatest = 0;  // quality over these seeds; NaN when there are none
  /// Enough seeds reached the target (all but one; a single one itself), and the mean of all does. Nothing
  /// that was wrong or broke down is allowed for. A skipped case is good.
  bool good = false;
};
SeedVerdict evaluate(const TrainedCase&);

}  // namespace breakeven
