// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/precision.h"

namespace breakeven::train {

/// A way to train a workload: what the search varies. The learning rate follows the batch (with_batch,
/// workload.h).
struct Setting {
  int64_t batch = 0;
  Precision precision = Precision::fp32;
  bool operator==(const Setting&) const = default;
};

/// One training of the search, to be run or done; the seed is the run's plus `launch`.
struct Trial {
  Setting setting;
  int launch = 0;
  bool operator==(const Trial&) const = default;
};
struct TrialOutcome {
  Trial trial;
  double seconds = 0;  // to the target, end to end; 0 where it was missed or nothing was trained
  bool reached() const { return seconds > 0; }
};

/// What may be tried.
struct SearchSpace {
  int64_t own_batch = 0;  // the workload's
  int64_t least_batch = 1, most_batch = 0;
  std::vector<Precision>
      precisions;  // those the contender trains in; the first is what the others are held against
  int seeds = 3;   // of the setting that wins and of the one it is held against
};

/// The next training, or nothing when all has been asked that the search asks. A function of what is done,
/// so that a search can be stopped anywhere and gone on with. Own batch size in every precision first; from
/// the best of them the batch doubles or halves as long as that is faster; at the best batch every other
/// precision, and from a better one the batch again; last, the further seeds of the best setting and of the
/// one it is held against.
std::optional<Trial> next_trial(const SearchSpace&, const std::vector<TrialOutcome>& done);

/// What the trials say; a setting's time is the median over its seeds that reached the target, nothing where
/// none did or more than one of them missed.
struct TuneAnswer {
  std::optional<Setting> best = {};
  double best_seconds = 0;
  Setting base = {};  // own batch, first precision
  std::optional<double> base_seconds = {};
  std::optional<double> batch_alone_seconds = {};      // the best at the base's precision
  std::optional<double> precision_alone_seconds = {};  // the best at the own batch
};
TuneAnswer answer(const SearchSpace&, const std::vector<TrialOutcome>& done);

}  // namespace breakeven::train
