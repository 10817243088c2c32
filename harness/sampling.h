// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/plan.h"
#include "harness/result.h"

namespace breakeven {

/// Takes one sample: seconds for one execution, averaged over the batch behind it.
using Sample = std::function<double()>;
/// Told after every round: samples so far and their median.
using Watch = std::function<void(size_t samples, double median_seconds)>;

struct Sampled {
  std::vector<double> seconds;
  Stop stop = Stop::none;
  double interval = 0;  // half width of the 95 % interval of the median, relative
};

/// Samples in rounds until the interval of the median is tight enough, or time is up, or exactly `fixed`
/// samples are taken. `cost` is what one sample takes on the wall clock, in seconds: it plans the rounds.
/// Never fewer than 5 samples. What `sample` throws is thrown on.
Sampled sample_until_settled(const std::string& name, const Budget&, std::optional<int> fixed, double cost,
                             const Sample&, const Watch&);

/// Calls `window` (which runs for a while and returns seconds per execution) until three windows in a row
/// agree within 3 %, or `max_seconds` are over. Returns the last median of three.
double warm_up(double max_seconds, const std::function<double()>& window);

}  // namespace breakeven
