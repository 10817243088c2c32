// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <utility>

#include "harness/check.h"

namespace breakeven {

/// Keeps the element that stands worst against its own bound.
class Worst {
 public:
  /// `where` is called for a new worst beyond its bound only.
  template <class Describe>
  void look(double error, double bound, Describe where) {
    // A NaN on either side fails the first comparison and counts as the worst there is.
    const bool within = error <= bound;
    const double beyond = error / bound > 1 ? error / bound : kBeyondAll;
    const double ratio = !within ? beyond : bound > 0 ? error / bound : 0;
    if (ratio <= ratio_) return;
    ratio_ = ratio;
    error_ = error;
    bound_ = bound;
    if (!within) where_ = where();
  }
  Check in_units_of(double unit, std::string metric) const {
    const double error = std::isfinite(error_) ? error_ / unit : kBeyondAll;
    return {std::move(metric), error, bound_ / unit, ratio_ <= 1 ? Verdict::ok : Verdict::wrong, where_};
  }

 private:
  static constexpr double kBeyondAll = 1e300;  // stands for NaN and infinity, which result files cannot hold
  double ratio_ = -1, error_ = 0, bound_ = 0;
  std::string where_;
};

}  // namespace breakeven
