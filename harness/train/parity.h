// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/train/executable.h"
#include "harness/train/gate.h"
#include "harness/train/operation_judge.h"
#include "harness/train/workload.h"

namespace breakeven::train {

/// Who trains, at which precision.
struct ParityContender {
  std::string name;  // "cpu.onednn"
  Precision precision = Precision::fp32;
  Compile compile;
};

/// Whom they are held against: whole trainings in fp64, and single operations.
struct ParityJudge {
  Compile compile;
  OperationJudge operation;
};

struct ParitySettings {
  int64_t batch = 16;  // the learning rate is scaled (Schedule); at most the training data
  int64_t steps = 20;
  uint64_t seed = 1;
  int threads = 1;
};

/// What the gates found of one contender. Without gates: it could not, and why.
struct ParityRow {
  std::string contender;
  Precision precision = Precision::fp32;
  std::vector<GateResult> gates;
  std::string reason;
};

/// Runs gates L0 to L4 and L6 (gate.h) on every contender: a step of a program whose values are all kept, looked at
/// operation by operation; then two runs of `steps` steps and an evaluation of the program as it is
/// trained. `test` is cut to a few samples. `row` is called for every contender as soon as it is through.
/// A contender that is Unsupported gets a reason; one that throws anything else a wrong L0 with what it said.
std::vector<ParityRow> run_parity(const Workload&, const Datasets&, std::span<const ParityContender>,
                                  const ParityJudge&, const ParitySettings&,
                                  const std::function<void(const ParityRow&)>& row = {});

}  // namespace breakeven::train
