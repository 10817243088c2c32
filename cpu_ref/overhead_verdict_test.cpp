// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/overhead_verdict.h"

#include <gtest/gtest.h>

namespace breakeven::cpu {
namespace {

TEST(OverheadVerdict, IsSettledOnlyByAWholeInterval) {
  EXPECT_EQ(settled({1.0, 0.981, 1.019}), OverheadVerdict::kept);
  EXPECT_EQ(settled({1.03, 1.021, 1.04}), OverheadVerdict::broken);
  EXPECT_EQ(settled({0.97, 0.96, 0.979}), OverheadVerdict::broken);  // faster than the bare loop is as wrong
  EXPECT_EQ(settled({1.0, 0.99, 1.021}), std::nullopt);
  EXPECT_EQ(settled({1.0, 0.9, 1.1}), std::nullopt);
}

TEST(OverheadVerdict, ATightIntervalAcrossTheEdgeGoesByItsMedian) {
  EXPECT_EQ(final_verdict({1.019, 1.017, 1.022}), OverheadVerdict::kept);
  EXPECT_EQ(final_verdict({1.021, 1.018, 1.024}), OverheadVerdict::broken);
  EXPECT_EQ(final_verdict({0.979, 0.976, 0.982}), OverheadVerdict::broken);
}

TEST(OverheadVerdict, AWideIntervalAcrossTheEdgeTellsNothing) {
  EXPECT_EQ(final_verdict({1.0, 0.95, 1.05}), OverheadVerdict::inconclusive);
  EXPECT_EQ(final_verdict({1.05, 1.01, 1.09}), OverheadVerdict::inconclusive);
}

}  // namespace
}  // namespace breakeven::cpu
