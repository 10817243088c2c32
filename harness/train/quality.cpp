// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/quality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace breakeven::train {

double area_under_curve(std::span<const float> scores, std::span<const uint8_t> labels) {
  if (scores.size() != labels.size()) throw std::logic_error("a score for every label");
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (std::ranges::any_of(scores, [](float s) { return std::isnan(s); })) return kNone;
  std::vector<uint32_t> by_score(scores.size());
  std::iota(by_score.begin(), by_score.end(), 0u);
  std::ranges::sort(by_score, {}, [&](uint32_t i) { return scores[i]; });
  double ranks = 0, positives = 0;
  for (size_t first = 0, last; first < by_score.size(); first = last) {
    // Equal scores share the mean of their ranks, which count from 1.
    for (last = first; last < by_score.size() && scores[by_score[last]] == scores[by_score[first]];) ++last;
    const double rank = static_cast<double>(first + 1 + last) / 2;
    for (size_t i = first; i < last; ++i) {
      if (labels[by_score[i]] == 0) continue;
      ranks += rank;
      ++positives;
    }
  }
  const double negatives = static_cast<double>(labels.size()) - positives;
  if (positives == 0 || negatives == 0) return kNone;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

double quality_of(const Evaluation& e, Metric metric, std::span<const uint8_t> labels) {
  switch (metric) {
    case Metric::accuracy:
      return static_cast<double>(e.correct) / static_cast<double>(e.rows);
    case Metric::loss:
      return e.loss;
    case Metric::auc:
      return area_under_curve(e.scores, labels);
  }
  return 0;
}

}  // namespace breakeven::train
