// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/progress.h"
#include "harness/train/training.h"
#include "harness/train_task.h"

namespace breakeven::train {

/// Losses are read back every so many steps, on every device.
inline constexpr int64_t kLossInterval = 25;

/// Seconds since some moment, by a clock that never runs backwards.
using Clock = std::function<double()>;

/// Steps and evaluations after which they are due: `evaluations` of them, evenly spaced, the last one at the
/// end.
std::vector<int64_t> evaluation_steps(const Schedule&, int64_t steps);

/// Mean losses over so many steps that at most kMostLossPoints points come of a run.
class LossCurve {
 public:
  explicit LossCurve(int64_t steps) : stride_((steps + kMostLossPoints - 1) / kMostLossPoints) {}
  void add(double loss);
  /// Of all so far, the last one of what came since.
  std::vector<LossPoint> points() const;

 private:
  int64_t stride_, step_ = 0, held_ = 0;
  double sum_ = 0;
  std::vector<LossPoint> points_;
};

/// One training in an executable, from the upload on: what is timed, and the warm-up that is not. Fills in
/// what it sees of `Training`.
class TrainingRun {
 public:
  /// Throws std::runtime_error for a batch larger than the training data.
  TrainingRun(Executable&, const TrainTask&, const Datasets&, uint64_t seed, Clock, Progress);

  void upload();
  /// Some steps and an evaluation, and all is reset; over after `most_seconds`, one step at least.
  void warm_up(std::span<const float> parameters, double most_seconds);
  /// The whole schedule. False, with the reason, when it diverged: a loss that is not finite.
  bool train(std::string* why);

  const Training& training() const { return training_; }

 private:
  bool train_until(int64_t step, std::string* why);
  bool collect(std::string* why);
  bool evaluate(std::string* why);
  void begin_stretch();
  void close();
  void show(double loss) const;
  std::vector<uint32_t> order_of_stretch() const;
  double timed(const std::function<void()>&) const;

  Executable& executable_;
  const Datasets& data_;
  Schedule schedule_;
  Metric metric_;
  Clock now_;
  Progress progress_;
  int64_t per_stretch_ = 1;      // steps of an epoch; of text, of the windows drawn together
  int64_t step_ = 0, seen_ = 0;  // steps started, losses read
  double start_ = 0, order_seconds_ = 0;
  LossCurve curve_;
  Training training_;
};

}  // namespace breakeven::train
