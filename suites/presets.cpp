// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "suites/suites.h"

namespace breakeven {

// Which problems a preset takes stands with the problems, in the data files; here stands how long it
// looks at each.
const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets{
      // Half a second of sampling a case; plain contenders that would take longer than a second for
      // all their executions are left to the other presets.
      {"quick",
       "a tour: a minute of gemm, two of the other suites, a few problems of each",
       {.interval = 0.01,
        .min_samples = 11,
        .min_seconds = 0.05,
        .max_seconds = 0.5,
        .max_seconds_when_wide = 1.5,
        .max_warmup_seconds = 0.15,
        .patience_seconds = 1},
       Steps::on_request},
      // Long enough for a settled clock and for intervals of 1 % on most machines.
      {"standard",
       "10 to 20 minutes a suite: every square up to 4096 and a cut through each of the other lists",
       {.interval = 0.01,
        .min_samples = 15,
        .min_seconds = 0.1,
        .max_seconds = 2,
        .max_seconds_when_wide = 6,
        .max_warmup_seconds = 0.5,
        .patience_seconds = 10},
       Steps::all,
       5},
      // For reference results: nothing is left out but what would not fit, and plain contenders that
      // would take more than five minutes.
      {"full",
       "everything, for hours: all lists in all their precisions, each case looked at until it is tight",
       {.interval = 0.01,
        .min_samples = 21,
        .min_seconds = 0.2,
        .max_seconds = 10,
        .max_seconds_when_wide = 30,
        .max_warmup_seconds = 2,
        .patience_seconds = 300},
       Steps::all,
       10},
      // Settled clocks are the question itself, so each case runs for a while.
      {"fills",
       "how much flattering data would flatter: one product (suite mixed), five ways to fill it",
       {.interval = 0.005,
        .min_samples = 21,
        .min_seconds = 1,
        .max_seconds = 4,
        .max_seconds_when_wide = 8,
        .max_warmup_seconds = 2,
        .patience_seconds = 10},
       Steps::on_request},
  };
  return kPresets;
}

const Preset* find_preset(std::string_view name) {
  static const Preset kEmulated{kEmulatedPreset, "small ragged problems, checked and never timed", {}};
  if (name == kEmulated.name) return &kEmulated;
  const auto found = std::ranges::find(presets(), name, &Preset::name);
  return found == presets().end() ? nullptr : &*found;
}

}  // namespace breakeven
