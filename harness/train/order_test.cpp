// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>

namespace breakeven::train {
namespace {

TEST(EpochOrder, IsAPermutationOfItsOwn) {
  for (const int64_t samples : {0, 1, 2, 7, 1000}) {
    std::vector<uint32_t> order = epoch_order(3, 0, samples);
    std::ranges::sort(order);
    std::vector<uint32_t> all(static_cast<size_t>(samples));
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_EQ(order, all);
  }
  EXPECT_EQ(epoch_order(3, 1, 100), epoch_order(3, 1, 100));
  EXPECT_NE(epoch_order(3, 1, 100), epoch_order(3, 2, 100));
  EXPECT_NE(epoch_order(3, 1, 100), epoch_order(4, 1, 100));
}

// Other machines train in the same order, or their results are not comparable.
TEST(EpochOrder, IsPinned) {
  EXPECT_EQ(epoch_order(1, 0, 10), (std::vector<uint32_t>{6, 8, 9, 4, 0, 3, 1, 7, 2, 5}));
}

TEST(EpochOrder, LeavesEveryPlaceToEverySample) {
  std::vector<int> first(4);
  for (uint64_t epoch = 0; epoch < 4000; ++epoch) ++first[epoch_order(1, epoch, 4)[0]];
  for (const int count : first) EXPECT_NEAR(count, 1000, 110);  // 4 standard deviations
}

TEST(WindowStarts, LieWithinTheTextAndDependOnTheirNumberAlone) {
  const std::vector<uint32_t> all = window_starts(1, 0, 1000, 80, 64);
  EXPECT_EQ(*std::ranges::max_element(all), 15u);  // the window 15..78 and token 79 after it
  EXPECT_EQ(*std::ranges::min_element(all), 0u);
  const std::vector<uint32_t> later = window_starts(1, 501, 3, 80, 64);
  EXPECT_TRUE(std::ranges::equal(later, std::span(all).subspan(501, 3)));
  EXPECT_THROW(window_starts(1, 0, 1, 64, 64), std::runtime_error);
}

TEST(WindowStarts, ArePinned) {
  EXPECT_EQ(window_starts(1, 0, 5, 500'000, 64),
            (std::vector<uint32_t>{93525, 209662, 136960, 244217, 87184}));
}

}  // namespace
}  // namespace breakeven::train
