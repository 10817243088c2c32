// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace breakeven {
namespace {

TEST(Units, ThreeDigitsWhateverTheSize) {
  EXPECT_EQ(three_digits(482.13), "482");
  EXPECT_EQ(three_digits(4.0712), "4.07");
  EXPECT_EQ(three_digits(0.5), "0.50");
  EXPECT_EQ(three_digits(99.96), "100");
  EXPECT_EQ(three_digits(12345), "12345");
  EXPECT_EQ(three_digits(0), "0");
  EXPECT_EQ(three_digits(0.00012), "0.00012");
  EXPECT_EQ(three_digits(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

TEST(Units, PrefixesChangeWhereTheNumberWouldGrowAFourthDigit) {
  EXPECT_EQ(format_seconds(0.0123), "12.3 ms");
  EXPECT_EQ(format_seconds(999.9e-6), "1.00 ms");
  EXPECT_EQ(format_seconds(2.5e-8), "25.0 ns");
  EXPECT_EQ(format_seconds(72.4), "72.4 s");
  EXPECT_EQ(format_rate(1.2134e12), "1.21 TFLOP/s");
  EXPECT_EQ(format_bandwidth(28.4e9), "28.4 GB/s");
}

TEST(Units, BytesAreBinaryAndSharesArePercent) {
  EXPECT_EQ(format_bytes(0x1p30 * 23.5), "23.5 GiB");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_share(0.834), "83 %");
}

}  // namespace
}  // namespace breakeven
