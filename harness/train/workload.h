// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/train/dataset.h"
#include "harness/train/graph.h"
#include "harness/train/optimizer.h"

namespace breakeven::train {

/// What a training is judged by.
enum class Metric : uint8_t { accuracy, loss, auc };  // loss: nats per token of the test set, less is better
std::string_view name(Metric);

struct Target {
  Metric metric = Metric::accuracy;
  double value = 0;
  bool reached_by(double quality) const {
    return metric == Metric::loss ? quality <= value : quality >= value;
  }
};

/// Learning rate over a run of `steps` steps; at step s (from 0), f = s / steps:
///   f < warmup: rate f' / warmup, where f' = (s + 1) / steps
///   f < hold:   rate
///   else:       linear from rate at `hold` (or warmup, the later one) to last x rate at the end
struct Schedule {
  int64_t batch = 0;
  int64_t epochs = 0;  // images, clicks: whole passes over the training data, last partial batch dropped
  int64_t steps = 0;   // text: how many; 0 where epochs are given
  double rate = 0, warmup = 0, hold = 0, last = 0;
  int evaluations = 1;  // over the run, evenly spaced, the last one at its end
};
double rate_at(const Schedule&, int64_t step, int64_t steps);
/// Steps of the whole run on this many training samples.
int64_t step_count(const Schedule&, int64_t train_samples);
/// The same training with another batch size: as many samples in all (text: tokens), the learning rate times
/// batch / own batch for sgd (Goyal et al. 2017), times its square root for adamw and adagrad (Malladi et al.
/// 2022).
Schedule with_batch(const Schedule&, OptimizerKind, int64_t batch);

/// A training task as a suite defines it, apart from precision and device.
struct Workload {
  std::string name;     // "resnet9-shapes-quick"
  std::string summary;  // one line for people
  Schedule schedule;
  Optimizer optimizer;
  Augmentation augmentation;
  Target target;
  DataKind data_kind = DataKind::images;
  int64_t train_samples = 0;  // text: tokens
  /// The model at this batch size. Throws ShapeError.
  std::function<Graph(int64_t batch)> build;
  /// Generates the data, or reads them from `folder`; checks hashes of what is generated. Throws
  /// std::runtime_error with one sentence for files that are not what they should be.
  std::function<Datasets(const std::optional<std::filesystem::path>& folder)> load;
  bool needs_folder = false;  // reads a user's files
  std::string definition;     // the TOML text it came from, so that a record can be repeated
};

}  // namespace breakeven::train
