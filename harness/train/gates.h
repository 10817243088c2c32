// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "harness/precision.h"
#include "harness/train/executable.h"
#include "harness/train/gate.h"
#include "harness/train/program.h"

namespace breakeven::train {

/// A run of some steps from the start.
struct Curve {
  std::vector<float> losses;
  Evaluation evaluation;          // after them
  std::vector<float> parameters;  // after them
  int64_t skipped = 0;            // fp16
};

inline constexpr int64_t kAverageSteps = 20;  // of a moving average; as long as curves are compared point by point

/// Gate L0 of two executables after `differentiate` on the same batch: whether what the batch brought is the
/// same, element by element; adds to `worst` under `batch` ("batch 1 of epoch 2").
void compare_batches(const Program&, Executable&, Executable& judge, const std::string& batch, WorstGate& worst);

/// Gate L2: loss relative to the judge's; gradients, a parameter at a time: relative distance (fp32, tf32), 1 -
/// cosine (16 bits, whose roundings flip decisions of relu and pooling, so that norms say nothing).
GateResult step_gate(const Program&, Precision, float loss, std::span<const float> gradients, float judge_loss,
                     std::span<const float> judge_gradients);

/// Gate L3: the first kAverageSteps losses point by point, and the loss of the evaluation after them where the
/// curves are no longer than that: roundings grow into another trajectory.
GateResult curve_gate(Precision, const Curve&, const Curve& judge);

/// Gate L4: moving averages of kAverageSteps losses (of all, where there are fewer).
GateResult average_gate(std::span<const float> losses, std::span<const float> judge_losses);

/// Gate L6: numbers that differ between two runs from the same start. ok or none, never wrong: atomic additions
/// on a GPU come in any order.
GateResult repeat_gate(const Curve&, const Curve& again);

/// FNV-1a-64 over the bits: what a start looks like, for people.
uint64_t fingerprint(std::span<const float>);
uint64_t fingerprint(std::span<const uint32_t>);

}  // namespace breakeven::train
