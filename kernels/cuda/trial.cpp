// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/trial.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace breakeven::cuda {
namespace {

constexpr double kRoundSeconds =
    2e-3;  // one round of a candidate: enough that an event's 0.5 us do not matter
constexpr int kRounds = 5, kMostRepeats = 100;
constexpr int kRoundsOfSlow = 3;   // of candidates that fill a round with one execution
constexpr double kHopeless = 1.5;  // slower than the best so far by this factor at first sight: no rounds

}  // namespace

double trial_seconds(const std::function<void(int64_t)>& run, int64_t slots, GatedClock& clock, double best) {
  run(0);  // loads the code; outside the gate, because loading may wait for all that the device is doing
  const double once = clock.time([&] { run(slots - 1); });
  if (once > kHopeless * best + 10e-6) return std::numeric_limits<double>::infinity();
  const int repeats = std::clamp(static_cast<int>(kRoundSeconds / std::max(once, 1e-7)), 1, kMostRepeats);
  const int wanted = once < kRoundSeconds ? kRounds : kRoundsOfSlow;
  std::vector<double> rounds;
  for (int round = 0; round < wanted; ++round) {
    rounds.push_back(clock.time([&] {
      for (int repeat = 0; repeat < repeats; ++repeat) run(repeat % slots);
    }) / repeats);
  }
  std::ranges::nth_element(rounds, rounds.begin() + wanted / 2);
  return rounds[static_cast<size_t>(wanted / 2)];
}

}  // namespace breakeven::cuda
