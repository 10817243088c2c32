// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/backend.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/system_files.h"
#include "harness/train/step_check.h"
#include "harness/train/training_run.h"

namespace breakeven::train {

double steady_seconds();

/// How to train, apart from what and by whom.
struct TrainSettings {
  uint64_t seed = 1;
  int threads = 1;
  std::optional<std::filesystem::path> data;  // a user's files
  double most_warmup_seconds = 60;
};

/// Trains one workload after another: data, check of the first step, compiling and warming up, and then, by
/// the clock, upload, steps and evaluations. The result is ok with one value in `seconds`, the time to
/// solution, where the target is reached at the end of the schedule; failed (target_missed) where not; wrong
/// where the first step is not the judge's or a loss is not finite. A device that is only checked ends after
/// the check. Keeps the data of the last workload and the judge's answer to its first step, which contenders
/// share. Throws what an executable throws.
class Trainer {
 public:
  explicit Trainer(Compile judge, Clock now = steady_seconds, SystemFiles files = SystemFiles({}));
  Result train(const TrainTask&, const Compile&, Device&, const TrainSettings&, const Progress&);

 private:
  const Datasets& data_of(const TrainTask&, const TrainSettings&);
  Check check_first_step(const TrainTask&, const Compile&, const Datasets&, const TrainSettings&);
  void measure(Result&, const TrainTask&, const Compile&, Device&, const Datasets&, const TrainSettings&,
               const Progress&);
  bool run(Result&, TrainingRun&, Device&, const TrainTask&, const TrainSettings&, std::string* why);

  Compile judge_;
  Clock now_;
  SystemFiles files_;
  std::string data_key_, judged_key_;
  Datasets data_;
  FirstStep judged_;
};

}  // namespace breakeven::train
