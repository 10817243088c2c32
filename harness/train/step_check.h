// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/check.h"
#include "harness/train/executable.h"
#include "harness/train/workload.h"
#include "harness/train_task.h"

namespace breakeven::train {

/// A whole model's answer to its first batch, at the parameters a run starts from.
struct FirstStep {
  double loss = 0;
  std::vector<float> gradients;  // an arena (program.h)
};

/// What the check of a training asks of contender and judge alike: the first samples of the data, few of
/// them.
struct StepQuestion {
  Program program;  // at a batch of 4 to 16
  Dataset data;     // of exactly one batch
  std::vector<float> parameters;
  uint64_t seed = 1;
};
/// A batch as large as about 10^10 operations allow, 4 to 16, no more than the task's own or the data's; of
/// `draw` 0 the first samples, of 1 the next. Fewer than that are there: nothing.
std::optional<StepQuestion> step_question(const TrainTask&, const Dataset& train, uint64_t seed,
                                          int64_t draw = 0);
/// Where two candidates of a maximum, or a sum and 0, are closer than rounding, a backend may decide otherwise than
/// the judge, and the gradient before it jumps. That happens on one batch and not on the next; a wrong gradient
/// stands in all. So many batches are asked before an answer is wrong.
inline constexpr int64_t kStepDraws = 3;

FirstStep first_step(const Compile&, const TrainTask&, const StepQuestion&, Precision, int threads);

/// Loss and the gradient of every parameter tensor against the judge's. What is compared is divided by its
/// bound, so that `error` is the worst of them all and `bound` 1. The bounds: of the loss, relative, 1e-6
/// (tf32 1e-3, bf16 and fp16 3e-3); of a gradient, |g - r| / |r| at most 1e-4 (tf32 2e-2), or for bf16 and
/// fp16, whose signs of relu and choices of pooling differ, 1 - cos(g, r) at most 0.1. A gradient that is
/// next to nothing (below 1e-3 of an even share of the whole) is held against that size in place of its own.
Check check_step(const Program&, const FirstStep& answer, const FirstStep& judge, Precision);

}  // namespace breakeven::train
