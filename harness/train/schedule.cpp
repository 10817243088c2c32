// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "harness/train/workload.h"

namespace breakeven::train {

std::string_view name(Metric metric) {
  switch (metric) {
    case Metric::accuracy:
      return "accuracy";
    case Metric::loss:
      return "loss";
    case Metric::auc:
      return "auc";
  }
  return "";
}

double rate_at(const Schedule& s, int64_t step, int64_t steps) {
  const auto total = static_cast<double>(steps);
  const double done = static_cast<double>(step) / total;
  if (done < s.warmup) return s.rate * (static_cast<double>(step) + 1) / (s.warmup * total);
  const double from = std::max(s.warmup, s.hold);
  if (done < from || from >= 1) return s.rate;
  return s.rate * (1 + (s.last - 1) * (done - from) / (1 - from));
}

int64_t step_count(const Schedule& s, int64_t train_samples) {
  return s.steps > 0 ? s.steps : s.epochs * (train_samples / s.batch);
}

Schedule with_batch(const Schedule& s, OptimizerKind optimizer, int64_t batch) {
  Schedule changed = s;
  const double factor = static_cast<double>(batch) / static_cast<double>(s.batch);
  changed.batch = batch;
  changed.rate *= optimizer == OptimizerKind::sgd ? factor : std::sqrt(factor);
  if (s.steps > 0) changed.steps = std::max<int64_t>(1, std::llround(static_cast<double>(s.steps) / factor));
  return changed;
}

}  // namespace breakeven::train
