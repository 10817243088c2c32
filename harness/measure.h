// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/case.h"
#include "harness/check.h"
#include "harness/plan.h"
#include "harness/result.h"

namespace breakeven {

/// What is happening inside a case, for a live line: executions sampled, current median in seconds.
using Progress = std::function<void(std::string_view phase, double median_seconds)>;

/// Measures one case after another in one process: place, check, warm up, sample, check again. Keeps the
/// inputs of the last problem and the peaks of each device, which many cases share. Never throws for what a
/// contender does (that is a status); `DeviceLost` ends the process and is thrown on.
class Measurer {
 public:
  Measurer(Plan plan, Judge judge);
  Result measure(const Case&, const Progress&);
  /// Of the cases that follow.
  void set_regime(Regime regime) { plan_.regime = regime; }

 private:
  Result measure_supported(const Case&, const Progress&);
  const Inputs& inputs_of(const Problem&);
  Peak peak_of(Device&, Precision);
  Peak raise_peak(Device&, Precision);  // measured anew; the higher of both stands
  Peak copy_rate_of(Device&);

  Plan plan_;
  Judge judge_;
  std::string inputs_name_;
  Inputs inputs_;
  std::map<std::string, Peak> peaks_;
};

}  // namespace breakeven
