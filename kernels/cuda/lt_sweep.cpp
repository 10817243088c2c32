// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/lt_sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kernels/cuda/gated_clock.h"

namespace breakeven::cuda {
namespace {

constexpr double kRoundSeconds =
    2e-3;  // one round of a candidate: enough that an event's 0.5 us do not matter
constexpr int kRounds = 5, kMostRepeats = 100;
constexpr double kHopeless = 1.5;  // slower than the best so far by this factor at first sight: no rounds

/// Seconds per execution: the median of a few rounds over rotating slots; infinite when clearly beaten
/// already.
double seconds_of(const std::function<void(int64_t)>& run, int64_t slots, GatedClock& clock, double best) {
  run(0);  // loads the code; outside the gate, because loading may wait for all that the device is doing
  const double once = clock.time([&] { run(slots - 1); });
  if (once > kHopeless * best + 10e-6) return std::numeric_limits<double>::infinity();
  const int repeats = std::clamp(static_cast<int>(kRoundSeconds / std::max(once, 1e-7)), 1, kMostRepeats);
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    rounds.push_back(clock.time([&] {
      for (int repeat = 0; repeat < repeats; ++repeat) run(repeat % slots);
    }) / repeats);
  }
  std::ranges::nth_element(rounds, rounds.begin() + kRounds / 2);
  return rounds[kRounds / 2];
}

}  // namespace

LtCandidate fastest(LtMatmul& matmul, const std::vector<cublasLtMatmulHeuristicResult_t>& offered,
                    const PlacedGemm& placed, const DeviceBuffer& workspace, const ContextPtr& context) {
  GatedClock clock(context);
  LtCandidate winner{{}, -1};
  double best = std::numeric_limits<double>::infinity();
  std::string last_failure;
  for (size_t rank = 0; rank < offered.size(); ++rank) {
    const auto run = [&](int64_t slot) {
      matmul.run(placed.arguments(slot), offered[rank].algo, workspace, context->stream());
    };
    try {
      const double seconds = seconds_of(run, placed.c.copies(), clock, best);
      if (seconds >= best) continue;
      best = seconds;
      winner = {offered[rank], static_cast<int>(rank)};
    } catch (const DeviceLost&) {
      throw;
    } catch (const std::runtime_error& failure) {
      last_failure = failure.what();
    }
  }
  if (winner.rank < 0) throw Unsupported(fmt::format("none of cuBLASLt's algorithms ran: {}", last_failure));
  return winner;
}

}  // namespace breakeven::cuda
