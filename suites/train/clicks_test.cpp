// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/clicks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "suites/train/calibrated_hash.h"
#include "suites/train/draws.h"

namespace breakeven::train {
namespace {

uint64_t hash_of_clicks(int64_t scale, uint32_t stream) {
  CalibratedHash hash;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const Click click = draw_click(scale, stream, i);
    hash.add(click.label);
    hash.add_all(click.dense);
    for (const uint32_t id : click.ids) {
      for (int bits = 0; bits < 32; bits += 8) hash.add(static_cast<uint8_t>(id >> bits));
    }
  }
  return hash.hash;
}

TEST(Clicks, AreTheBytesThatWereCalibrated) {
  EXPECT_EQ(hash_of_clicks(1, kTrainStream), 0xd49d268dc56f844du);
  EXPECT_EQ(hash_of_clicks(3, kTrainStream), 0xb1963b9eb7dffbaau);
  EXPECT_EQ(hash_of_clicks(1, kTestStream), 0x802b42fc2e5d0e81u);
  EXPECT_EQ(hash_of_clicks(3, kTestStream), 0xbf5b25d5ee14f220u);
}

TEST(Clicks, TheBestPossibleAucIsKnown) { EXPECT_NEAR(bayes_auc(1, kTestStream, 200'000), 0.8305, 5e-5); }

TEST(Clicks, LabelsAreAsFrequentAsTheirProbabilitiesSay) {
  constexpr uint64_t kSamples = 50'000;
  double expected = 0, variance = 0, clicked = 0;
  for (uint64_t i = 0; i < kSamples; ++i) {
    const Click click = draw_click(1, kTrainStream, i);
    const double p = click.probability / 65536.0;
    expected += p;
    variance += p * (1 - p);
    clicked += click.label;
  }
  EXPECT_NEAR(clicked, expected, 4 * std::sqrt(variance));
  EXPECT_NEAR(clicked / kSamples, 0.29, 0.02);
}

TEST(Clicks, IdsLieWithinTheirTablesAndSmallOnesAreFrequent) {
  for (const int64_t scale : {int64_t{1}, int64_t{7}, kMostClickScale}) {
    const auto ids = click_ids(scale);
    int in_first_hundredth = 0;
    for (uint64_t i = 0; i < 5000; ++i) {
      const Click click = draw_click(scale, kTrainStream, i);
      for (size_t field = 0; field < ids.size(); ++field) ASSERT_LT(click.ids[field], ids[field]);
      in_first_hundredth += click.ids[0] < ids[0] / 100;
    }
    EXPECT_GT(in_first_hundredth, 1500) << scale;
    EXPECT_LT(in_first_hundredth, 4500) << scale;
  }
}

}  // namespace
}  // namespace breakeven::train
