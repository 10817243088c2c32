// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/median.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace breakeven {
namespace {

constexpr double kTail = 0.025;  // on each side

/// The largest r >= 1 for which P(binomial(n, 1/2) < r) <= kTail, or 1 when there is none.
size_t bracketing_rank(size_t n) {
  double probability = std::exp(-static_cast<double>(n) * std::log(2.0));  // of exactly 0 successes
  if (probability == 0) {  // n > 1074: the normal approximation is exact to far less than one rank
    const double count = static_cast<double>(n);
    return static_cast<size_t>(std::floor(count / 2 - 1.959964 * std::sqrt(count) / 2));
  }
  double below = probability;
  size_t rank = 0;
  while (below <= kTail && rank < n / 2) {
    ++rank;
    probability *= static_cast<double>(n - rank + 1) / static_cast<double>(rank);
    below += probability;
  }
  return std::max<size_t>(rank, 1);
}

double middle(const std::vector<double>& sorted) {
  const size_t n = sorted.size();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

std::vector<double> sorted_copy(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  return sorted;
}

}  // namespace

double median(std::span<const double> samples) { return middle(sorted_copy(samples)); }

MedianInterval median_interval(std::span<const double> samples) {
  const std::vector<double> sorted = sorted_copy(samples);
  if (sorted.empty()) return {};
  const size_t rank = bracketing_rank(sorted.size());
  return {middle(sorted), sorted[rank - 1], sorted[sorted.size() - rank]};
}

}  // namespace breakeven
