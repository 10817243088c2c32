// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/round_to.h"

#include <gtest/gtest.h>

namespace breakeven::cpu {
namespace {

template <class T>
T rounded(double value) {
  T out;
  round_to(value, &out);
  return out;
}

TEST(RoundTo, RoundsOnceToBf16) {
  // Just above the tie between 1 and 1 + 2^-7: rounded to fp32 first, it would be the tie, and go down to
  // even.
  EXPECT_EQ(rounded<Bf16>(1 + 0x1p-8 + 0x1p-40).bits, 0x3F81);
  EXPECT_EQ(rounded<Bf16>(1 + 0x1p-8).bits, 0x3F80);
  EXPECT_EQ(rounded<Bf16>(1 + 0x1p-8 - 0x1p-40).bits, 0x3F80);
  EXPECT_EQ(rounded<Bf16>(-(1 + 0x1p-8 + 0x1p-40)).bits, 0xBF81);
}

TEST(RoundTo, RoundsOnceToFp16) {
  EXPECT_EQ(rounded<Fp16>(1 + 0x1p-11 + 0x1p-40).bits, 0x3C01);
  EXPECT_EQ(rounded<Fp16>(1 + 0x1p-11).bits, 0x3C00);
  EXPECT_EQ(rounded<Fp16>(1e6).bits, 0x7C00);
}

TEST(RoundTo, RoundsIntegersToEven) {
  EXPECT_EQ(rounded<int32_t>(2.5), 2);
  EXPECT_EQ(rounded<int32_t>(3.5), 4);
  EXPECT_EQ(rounded<int32_t>(-2.5), -2);
  EXPECT_EQ(rounded<int32_t>(2147483646.75), 2147483647);
  EXPECT_EQ(rounded<int32_t>(-2147483648.0), -2147483647 - 1);
}

}  // namespace
}  // namespace breakeven::cpu
