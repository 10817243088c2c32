// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "harness/train/executable.h"
#include "harness/train/workload.h"

namespace breakeven::train {

struct LossPoint {
  int64_t step = 0;  // from 1
  double loss = 0;   // mean over the steps since the point before
};
struct EvaluationPoint {
  int64_t step = 0;              // steps done
  double seconds = 0;            // since the start: upload, steps and evaluations, this one included
  double quality = 0, loss = 0;  // of the test set
};
struct Crossing {
  int64_t step = 0;
  double seconds = 0;
};

/// Seconds of the parts of a training. Time to solution is upload, train and evaluate together; the other
/// three are told apart.
struct Phases {
  double generate = 0;  // data made or read, and hashed
  double compile = 0, warmup = 0;
  double upload = 0, train = 0, evaluate = 0;
  double to_solution() const { return upload + train + evaluate; }
};

/// Whether the data could become what a device waits for. NaN: not known.
struct DataPipeline {
  double generated_per_second = std::numeric_limits<double>::quiet_NaN();  // samples made or read
  double upload_bytes_per_second = std::numeric_limits<double>::quiet_NaN();
  double assembled_per_second = std::numeric_limits<double>::quiet_NaN();  // samples put into batches
  double share_of_step = std::numeric_limits<double>::quiet_NaN();         // of the training, spent on that
  /// All else in a step over that: so many times faster it may become before half of a step goes to batches.
  double headroom = std::numeric_limits<double>::quiet_NaN();
};

inline constexpr int64_t kMostLossPoints = 500;

/// What a training found out, reached or not. Losses in nats.
struct Training {
  std::string workload, definition_hash;  // SHA-256 of its definition (put in by the record)
  int64_t batch = 0, steps = 0;           // steps: of the schedule
  double epochs = 0;                      // passes over the training data
  uint64_t seed = 0;
  Target target;
  double quality =
      std::numeric_limits<double>::quiet_NaN();  // of the last evaluation, in the target's metric
  double quality_loss = std::numeric_limits<double>::quiet_NaN();
  bool reached = false;
  std::optional<Crossing> first_crossing;  // the first evaluation at the target or beyond
  Phases phases;
  double samples_per_second = 0;  // over the steps; text: windows
  double model_flops = 0;         // of all steps done (program.h)
  double flops_per_second = 0;    // over the steps
  int64_t skipped_steps = 0;      // fp16
  int64_t memory_bytes = 0;       // held by the executable
  std::vector<OperationTime> operations;
  DataPipeline data;
  std::vector<LossPoint> loss_curve;  // at most kMostLossPoints
  std::vector<EvaluationPoint> evaluations;
  std::string train_hash, test_hash;
};

}  // namespace breakeven::train
