// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/backend.h"

namespace breakeven {

/// Executions of a job on its operand sets in turn, across samples: every second that is recorded comes from
/// here.
class Rotation {
 public:
  Rotation(Job& job, Device& device, int64_t slots, Clock clock = Clock::device)
      : job_(job), device_(device), slots_(slots), clock_(clock) {}
  /// Seconds per execution over `batch` executions without a gap.
  double time(int64_t batch) {
    double own = 0;
    const auto work = [&] {
      for (int64_t i = 0; i < batch; ++i) {
        job_.run(next());
        if (clock_ == Clock::own) own += job_.own_seconds();
      }
    };
    const double seconds = clock_ == Clock::device ? device_.time(work) : device_.time_on_host(work);
    return (clock_ == Clock::own ? own : seconds) / static_cast<double>(batch);
  }
  double time_cold() {
    device_.evict_caches();
    return time(1);
  }

 private:
  int64_t next() { return last_ = (last_ + 1) % slots_; }
  Job& job_;
  Device& device_;
  int64_t slots_, last_ = -1;
  Clock clock_;
};

}  // namespace breakeven
