// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

#include "harness/train/executable.h"

namespace breakeven::cpu {

/// Seconds by class of operation.
class Stopwatch {
 public:
  /// The class of this name, made where there is none.
  size_t named(std::string_view name) {
    const auto found = std::ranges::find(seconds_, name, &train::OperationTime::name);
    if (found != seconds_.end()) return static_cast<size_t>(found - seconds_.begin());
    seconds_.push_back({std::string(name), 0});
    return seconds_.size() - 1;
  }
  template <class Work>
  void time(size_t what, const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    seconds_[what].seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  void clear() {
    for (train::OperationTime& each : seconds_) each.seconds = 0;
  }
  const std::vector<train::OperationTime>& seconds() const { return seconds_; }

 private:
  std::vector<train::OperationTime> seconds_;
};

}  // namespace breakeven::cpu
