// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cpu_ref/train/loops.h"
#include "cpu_ref/train/products.h"
#include "harness/train/operation_judge.h"

namespace breakeven::cpu {

/// How the steps are to run now.
struct Running {
  train::Mode mode = train::Mode::training;
  bool moves_statistics = true;  // running ones, by batch normalizations in training
};

/// What steps are made from; all of it must outlive them.
struct StepSource {
  const ProgramMemory& memory;
  const TrainLoops& loops;
  Products& products;
  const Running& running;
  Room& room;
};

/// One operation, ready to run any number of times.
struct Step {
  const train::Op* op = nullptr;
  std::unique_ptr<Product> product;  // of linear and convolutions
  std::function<void()> run;
};

/// `op` must outlive the step. Throws Unsupported.
Step make_step(const StepSource&, const train::Op& op);

/// The loss of the first `rows` rows of the logits alone, which writes nothing; `op` is a program's loss.
LossSum evaluate_loss(const StepSource&, const train::Op& op, int64_t rows);

}  // namespace breakeven::cpu
