// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/quality.h"

#include <gtest/gtest.h>

#include <cmath>

namespace breakeven::train {
namespace {

double auc(const std::vector<float>& scores, const std::vector<uint8_t>& labels) {
  return area_under_curve(scores, labels);
}

TEST(AreaUnderCurve, IsTheShareOfPairsInOrder) {
  EXPECT_EQ(auc({1, 2, 3, 4}, {0, 0, 1, 1}), 1);
  EXPECT_EQ(auc({4, 3, 2, 1}, {0, 0, 1, 1}), 0);
  EXPECT_EQ(auc({1, 3, 2, 4}, {0, 0, 1, 1}), 0.75);
  // Of 2 positives and 3 negatives: 6 pairs, of which (5 over all 3) and (-1 over -2 alone) are in order.
  EXPECT_DOUBLE_EQ(auc({-2, 0, 5, -1, 3}, {0, 0, 1, 1, 0}), 4.0 / 6);
}

TEST(AreaUnderCurve, CountsEqualScoresHalf) {
  EXPECT_EQ(auc({1, 1, 1, 1, 1}, {0, 1, 0, 1, 0}), 0.5);
  EXPECT_EQ(auc({1, 2, 2, 3}, {0, 0, 1, 1}), (1 + 0.5 + 1 + 1) / 4);
  EXPECT_EQ(auc({0.0f, -0.0f}, {1, 0}), 0.5);
}

TEST(AreaUnderCurve, IsNotKnownOfOneLabelOrOfNan) {
  EXPECT_TRUE(std::isnan(auc({1, 2}, {1, 1})));
  EXPECT_TRUE(std::isnan(auc({1, 2}, {0, 0})));
  EXPECT_TRUE(std::isnan(auc({}, {})));
  EXPECT_TRUE(std::isnan(auc({1, NAN}, {0, 1})));
  EXPECT_EQ(auc({-INFINITY, INFINITY}, {0, 1}), 1);
}

TEST(AreaUnderCurve, OfManyAgreesWithCountingPairs) {
  std::vector<float> scores;
  std::vector<uint8_t> labels;
  for (uint32_t i = 0; i < 300; ++i) {
    scores.push_back(static_cast<float>(i * 2654435761u >> 26));  // 64 values: many ties
    labels.push_back(static_cast<uint8_t>((i * 40503u >> 7) & 1));
  }
  double ordered = 0, pairs = 0;
  for (size_t p = 0; p < 300; ++p) {
    for (size_t n = 0; n < 300; ++n) {
      if (!labels[p] || labels[n]) continue;
      ++pairs;
      ordered += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
    }
  }
  EXPECT_DOUBLE_EQ(auc(scores, labels), ordered / pairs);
}

TEST(Quality, IsInTheMetricOfTheTarget) {
  const Evaluation e{.loss = 2.5, .correct = 30, .rows = 40, .scores = {1, 2}};
  const std::vector<uint8_t> labels{0, 1};
  EXPECT_EQ(quality_of(e, Metric::accuracy, labels), 0.75);
  EXPECT_EQ(quality_of(e, Metric::loss, labels), 2.5);
  EXPECT_EQ(quality_of(e, Metric::auc, labels), 1);
}

}  // namespace
}  // namespace breakeven::train
