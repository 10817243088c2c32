// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace breakeven {

/// The middle value (mean of the two middle ones for an even count). NaN for no samples.
double median(std::span<const double> samples);

/// An interval that holds the true median with at least 95 % confidence, whatever the distribution.
struct MedianInterval {
  double median = 0, low = 0, high = 0;
  /// Half width over the median; 0 for an exact one.
  double relative() const { return median > 0 ? (high - low) / 2 / median : 0; }
};

/// From order statistics: the number of samples below the true median is binomial(n, 1/2), so the r-th
/// smallest and r-th largest bracket it (David and Nagaraja, "Order Statistics", 7.1). Below six samples no
/// pair reaches 95 %, and the extremes are given.
MedianInterval median_interval(std::span<const double> samples);

}  // namespace breakeven
