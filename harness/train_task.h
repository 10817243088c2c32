// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/inputs.h"
#include "harness/precision.h"

namespace breakeven {

namespace train {
struct Schedule;
struct Workload;
}  // namespace train

/// A workload trained to its target in a precision: fp32, tf32, bf16 or fp16 of what is multiplied and kept of
/// activations; parameters, statistics, losses and the optimizer are fp32 always (fp64: by the judge alone, in
/// everything).
struct TrainTask {
  std::shared_ptr<const train::Workload> workload;
  int64_t batch = 0;  // 0: the workload's own; else this one, with the learning rate scaled (train/workload.h)
  Precision precision = Precision::fp32;

  /// `<workload>[+batch<n>]`: `resnet9-shapes-quick`, `gpt-synth-quick+batch64`.
  std::string name() const;
  /// Floating-point operations of the products of all steps (train/program.h); no bytes: what passes through
  /// memory is the backend's choice.
  Work work() const;
  // Its operands are the workload's data, which are made by the trainer.
  std::vector<ArrayShape> operands() const { return {}; }
  std::vector<ArrayShape> results() const { return {}; }
  Inputs inputs(uint64_t) const { return {}; }
  bool operator==(const TrainTask&) const = default;

  train::Schedule schedule() const;  // with `batch` put in
};

}  // namespace breakeven
