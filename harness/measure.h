// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "harness/case.h"
#include "harness/check.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/train/trainer.h"

namespace breakeven {

/// Measures one case after another in one process: place, check, warm up, sample, check again;
/// trainings go to the trainer. Keeps the inputs of the last problem and the peaks of each device, which many
/// cases share. Never throws for what a
/// contender does (that is a status); `DeviceLost` ends the process and is thrown on.
class Measurer {
 public:
  /// `train_judge` compiles in fp64, for trainings.
  Measurer(Plan plan, Judge judge, train::Compile train_judge = {});
  Result measure(const Case&, const Progress&);
  /// Of the cases that follow.
  void set_regime(Regime regime) { plan_.regime = regime; }

 private:
  Result measure_supported(const Case&, const Progress&);
  Result train(const Case&, const TrainTask&, const Progress&);
  const Inputs& inputs_of(const Problem&);
  Peak peak_of(Device&, Precision);
  Peak raise_peak(Device&, Precision);  // measured anew; the higher of both stands
  Peak copy_rate_of(Device&);

  Plan plan_;
  Judge judge_;
  train::Trainer trainer_;
  std::string inputs_name_;
  Inputs inputs_;
  std::map<std::string, Peak> peaks_;
};

}  // namespace breakeven
