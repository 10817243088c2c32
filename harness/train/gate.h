// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/check.h"

namespace breakeven::train {

/// What one gate of equivalence found of one contender.
///   L0  the same start: parameters, batches of epochs 1 and 2           bits that differ
///   L1  every operation and gradient by itself, against the judge       share of its bound
///   L2  loss and gradients of step 0, against the judge                 relative; 1 - cosine in 16 bits
///   L3  losses of the first steps, and the evaluation after them        relative
///   L4  moving average of the losses                                    relative
///   L5  final quality and first crossing, against reference points      significance
///   L6  the same run again                                              numbers that differ: told, never wrong
struct GateResult {
  std::string gate;
  std::string pair;  // "cpu.onednn bf16 : judge"
  double error = 0, bound = 0;
  Verdict verdict = Verdict::none;
  std::string where;  // of the worst; of L0, what was the same; with Verdict::none, why
};

/// Wrong where `error` is beyond `bound` or no number.
GateResult judged(std::string gate, double error, double bound, std::string where);

/// Keeps the finding that stands worst against its own bound.
class WorstGate {
 public:
  explicit WorstGate(std::string gate) { worst_.gate = std::move(gate); }
  void look(double error, double bound, const std::string& where);
  const GateResult& result() const { return worst_; }

 private:
  GateResult worst_;
  double ratio_ = -1;
};

}  // namespace breakeven::train
