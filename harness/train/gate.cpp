// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/gate.h"

#include <cmath>
#include <limits>
#include <utility>

namespace breakeven::train {
namespace {

constexpr double kBeyondAll = std::numeric_limits<double>::max();  // in place of what is no number

}  // namespace

GateResult judged(std::string gate, double error, double bound, std::string where) {
  const bool number = std::isfinite(error) && std::isfinite(bound);
  return {.gate = std::move(gate),
          .pair = {},
          .error = number ? error : kBeyondAll,
          .bound = std::isfinite(bound) ? bound : 0,
          .verdict = number && error <= bound ? Verdict::ok : Verdict::wrong,
          .where = std::move(where)};
}

void WorstGate::look(double error, double bound, const std::string& where) {
  const GateResult found = judged(worst_.gate, error, bound, where);
  const double ratio = found.error == 0 ? 0 : found.bound > 0 ? found.error / found.bound : kBeyondAll;
  if (ratio <= ratio_ && !(found.verdict == Verdict::wrong && worst_.verdict != Verdict::wrong)) return;
  ratio_ = ratio;
  worst_ = found;
}

}  // namespace breakeven::train
