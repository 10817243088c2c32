// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/lt_sweep.h"

#include <fmt/format.h>

#include <limits>

#include "kernels/cuda/gated_clock.h"
#include "kernels/cuda/trial.h"

namespace breakeven::cuda {

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
      const double seconds = trial_seconds(run, placed.c.copies(), clock, best);
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
