// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/draws.h"

#include <gtest/gtest.h>

#include <vector>

namespace breakeven::train {
namespace {

TEST(Draws, FillingIsDrawingOneByOne) {
  for (const size_t before : {0, 1, 3, 4, 6}) {
    for (const size_t count : {0, 1, 2, 5, 127, 128, 129, 131, 1000}) {
      Draws one(2024, kTestStream, 5'000'000'123), several(2024, kTestStream, 5'000'000'123);
      for (size_t i = 0; i < before; ++i) EXPECT_EQ(one.next(), several.next());
      std::vector<uint32_t> words(count);
      several.fill(words);
      for (const uint32_t word : words) ASSERT_EQ(word, one.next()) << before << " then " << count;
      EXPECT_EQ(one.next(), several.next());
    }
  }
}

TEST(Draws, SeedsStreamsAndSamplesDiffer) {
  const uint32_t first = Draws(1, 1, 1).next();
  EXPECT_NE(Draws(2, 1, 1).next(), first);
  EXPECT_NE(Draws(1, 2, 1).next(), first);
  EXPECT_NE(Draws(1, 1, 2).next(), first);
  EXPECT_NE(Draws(1, 1, 1 + (uint64_t{1} << 32)).next(), first);
}

TEST(Draws, NumbersLieWithinTheirBoundsAndReachThem) {
  Draws draws(7, 1, 0);
  int32_t least = 99, most = -99, least_triangular = 99, most_triangular = -99;
  for (int i = 0; i < 2000; ++i) {
    const int32_t value = draws.range(-3, 4);
    const int32_t triangular = draws.triangular(5);
    least = std::min(least, value);
    most = std::max(most, value);
    least_triangular = std::min(least_triangular, triangular);
    most_triangular = std::max(most_triangular, triangular);
  }
  EXPECT_EQ(least, -3);
  EXPECT_EQ(most, 4);
  EXPECT_EQ(least_triangular, -5);
  EXPECT_EQ(most_triangular, 5);
}

}  // namespace
}  // namespace breakeven::train
