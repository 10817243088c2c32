// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/check.h"

namespace breakeven {

/// Keeps the element that stands worst against its own bound.
class Worst {
 public:
  /// `where` is called for a new worst beyond its bound only.
  template <class Describe>
  void look(double error, double bound, Describe where) {
    // A NaN on either side fails the first comparison and counts as the worst there is; so does an infinite
    // answer, whose bound, a share of its own size, is infinite too.
    const bool within = error <= bound && std::isfinite(bound);
    const double ratio =
        within ? (bound > 0 ? error / bound : 0) : (error / bound > 1 ? error / bound : kBeyondAll);
    if (ratio <= ratio_) return;
    ratio_ = ratio;
    error_ = error;
    bound_ = bound;
    if (!within) where_ = where();
  }
  Check in_units_of(double unit, std::string metric) const;

 private:
  static constexpr double kBeyondAll = 1e300;  // stands for NaN and infinity, which result files cannot hold
  double ratio_ = -1, error_ = 0, bound_ = 0;
  std::string where_;
};

/// `count` of 0..size-1, first and last always, the rest drawn.
std::vector<int64_t> pick(int64_t size, int64_t count, uint64_t seed, uint64_t stream);

/// Of the judge's answer: the unit of errors. 1 where that would be 0.
double root_mean_square(std::span<const double>);

}  // namespace breakeven
