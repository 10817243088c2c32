// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/precision.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "harness/rounding.h"

namespace breakeven {
namespace {

TEST(Precision, NamesAreInverse) {
  ASSERT_EQ(all_precisions().size(), 8u);
  for (const Precision p : all_precisions()) EXPECT_EQ(parse_precision(name(p)), p);
  for (const char* bad : {"", "FP32", "fp", "fp32 ", "float", "bf-16", "fp8"})
    EXPECT_FALSE(parse_precision(bad)) << bad;
}

TEST(Precision, OutputsFollowTheContract) {
  const auto expect = [](Precision p, Element input, Element output) {
    EXPECT_EQ(facts(p).input, input) << name(p);
    EXPECT_EQ(facts(p).output, output) << name(p);
  };
  expect(Precision::fp64, Element::fp64, Element::fp64);
  expect(Precision::fp32, Element::fp32, Element::fp32);
  expect(Precision::tf32, Element::fp32, Element::fp32);
  expect(Precision::bf16, Element::bf16, Element::bf16);
  expect(Precision::fp16, Element::fp16, Element::fp16);
  expect(Precision::fp8e4m3, Element::fp8e4m3, Element::bf16);
  expect(Precision::int8, Element::int8, Element::int32);
}

TEST(Precision, ElementSizes) {
  const std::pair<Element, int64_t> sizes[] = {{Element::fp64, 8}, {Element::fp32, 4},  {Element::bf16, 2},
                                               {Element::fp16, 2}, {Element::int32, 4}, {Element::fp8e4m3, 1},
                                               {Element::int8, 1}, {Element::u8, 1}};
  for (const auto& [element, size] : sizes) EXPECT_EQ(bytes(element), size) << name(element);
}

// A binary format as IEEE 754 defines it: 1 sign, `exponent_bits`, `mantissa_bits`; `patterns` finite values
// from 0 upwards, their patterns counting 0, 1, 2...
struct Format {
  int exponent_bits, mantissa_bits;
  uint32_t patterns;
  double value(uint32_t pattern) const {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = static_cast<int>(pattern >> mantissa_bits);
    const double fraction = std::ldexp(pattern & ((1u << mantissa_bits) - 1u), -mantissa_bits);
    return exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias);
  }
};
constexpr Format kBf16{8, 7, 0x7F80}, kFp16{5, 10, 0x7C00}, kFp8{4, 3, 0x7F}, kTf32{8, 10, 0x3FC00};

uint32_t bits(double value) { return std::bit_cast<uint32_t>(static_cast<float>(value)); }

/// Walks every finite value, and between every two neighbours the point half-way and the fp32 numbers next to
/// it. All are exact in fp32, and one goes the way the definition of round-to-nearest-even says.
template <class Round>
void expect_nearest_even(const Format& format, uint32_t sign_bit, Round round) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (uint32_t p = 0; p + 1 < format.patterns; ++p) {
    const double low = format.value(p), high = format.value(p + 1), half = (low + high) / 2;
    ASSERT_EQ(static_cast<double>(static_cast<float>(half)), half);
    const float middle = static_cast<float>(half);
    ASSERT_EQ(round(bits(low)), p);
    ASSERT_EQ(round(bits(middle)), p % 2 == 0 ? p : p + 1) << "tie above pattern " << p;
    ASSERT_EQ(round(bits(std::nextafter(middle, 0.0f))), p) << "just below the tie above pattern " << p;
    ASSERT_EQ(round(bits(std::nextafter(middle, infinity))), p + 1)
        << "just above the tie above pattern " << p;
    ASSERT_EQ(round(bits(low) | 0x80000000u), p | sign_bit);
    ASSERT_EQ(round(bits(middle) | 0x80000000u), (p % 2 == 0 ? p : p + 1) | sign_bit);
  }
  ASSERT_EQ(round(bits(format.value(format.patterns - 1))), format.patterns - 1);
}

TEST(Rounding, Bf16NearestEven) { expect_nearest_even(kBf16, 0x8000, to_bf16); }
TEST(Rounding, Fp16NearestEven) { expect_nearest_even(kFp16, 0x8000, to_fp16); }
TEST(Rounding, Fp8NearestEven) { expect_nearest_even(kFp8, 0x80, to_fp8e4m3); }
TEST(Rounding, Tf32NearestEven) {
  expect_nearest_even(kTf32, 0x40000, [](uint32_t b) {
    EXPECT_EQ(to_tf32(b) & 0x1FFFu, 0u);
    return to_tf32(b) >> 13;
  });
}

TEST(Rounding, EveryPatternMeansWhatTheFormatSays) {
  const auto value = [](uint32_t b) { return static_cast<double>(std::bit_cast<float>(b)); };
  for (uint32_t p = 0; p < kBf16.patterns; ++p)
    ASSERT_EQ(value(from_bf16(static_cast<uint16_t>(p))), kBf16.value(p));
  for (uint32_t p = 0; p < kFp16.patterns; ++p)
    ASSERT_EQ(value(from_fp16(static_cast<uint16_t>(p))), kFp16.value(p));
  for (uint32_t p = 0; p < kFp8.patterns; ++p)
    ASSERT_EQ(value(from_fp8e4m3(static_cast<uint8_t>(p))), kFp8.value(p));
}

TEST(Rounding, EveryPatternRoundTrips) {
  const auto is_nan = [](uint32_t b) { return std::isnan(std::bit_cast<float>(b)); };
  for (uint32_t p = 0; p < 0x10000; ++p) {
    const auto pattern = static_cast<uint16_t>(p);
    const uint32_t bf16 = from_bf16(pattern), fp16 = from_fp16(pattern);
    ASSERT_EQ(is_nan(bf16), (p & 0x7FFFu) > 0x7F80u);
    ASSERT_EQ(is_nan(fp16), (p & 0x7FFFu) > 0x7C00u);
    if (!is_nan(bf16)) {
      ASSERT_EQ(to_bf16(bf16), pattern);
    }
    if (!is_nan(fp16)) {
      ASSERT_EQ(to_fp16(fp16), pattern);
    }
  }
  for (uint32_t p = 0; p < 0x100; ++p) {
    const uint32_t wide = from_fp8e4m3(static_cast<uint8_t>(p));
    ASSERT_EQ(is_nan(wide), (p & 0x7Fu) == 0x7Fu);
    ASSERT_EQ(to_fp8e4m3(wide), p);
  }
}

TEST(Rounding, BeyondTheLargest) {
  const float largest = std::numeric_limits<float>::max(), infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(to_fp16(bits(65504)), 0x7BFF);
  EXPECT_EQ(to_fp16(bits(std::nextafter(65520.0f, 0.0f))), 0x7BFF);
  EXPECT_EQ(to_fp16(bits(65520)), 0x7C00);  // the tie goes to the even pattern, infinity
  EXPECT_EQ(to_fp16(bits(-1e6)), 0xFC00);
  EXPECT_EQ(to_bf16(bits(largest)), 0x7F80);
  EXPECT_EQ(to_tf32(bits(largest)), 0x7F800000u);
  for (const double big : {449.0, 464.0, 480.0, 1e6}) EXPECT_EQ(to_fp8e4m3(bits(big)), 0x7E) << big;
  EXPECT_EQ(to_fp8e4m3(bits(-1e6)), 0xFE);
  for (const float big : {largest, infinity}) {
    EXPECT_EQ(to_fp16(bits(big)), 0x7C00);
    EXPECT_EQ(to_fp8e4m3(bits(big)), 0x7E);
  }
  EXPECT_EQ(to_bf16(bits(infinity)), 0x7F80);
  EXPECT_EQ(to_tf32(bits(infinity)), 0x7F800000u);
}

TEST(Rounding, TooSmallBecomesZeroWithItsSign) {
  for (const uint32_t tiny : {0x1u, 0x7FFFFFu, 0x800000u, bits(0x1p-40)}) {
    EXPECT_EQ(to_fp16(tiny), 0);
    EXPECT_EQ(to_fp8e4m3(tiny | 0x80000000u), 0x80);
  }
}

TEST(Rounding, NanStaysNan) {
  for (const uint32_t nan : {0x7F800001u, 0x7F80FFFFu, 0x7FC00000u, 0x7FFFFFFFu, 0xFF800001u, 0xFFFFFFFFu}) {
    EXPECT_TRUE(std::isnan(std::bit_cast<float>(from_bf16(to_bf16(nan)))));
    EXPECT_TRUE(std::isnan(std::bit_cast<float>(from_fp16(to_fp16(nan)))));
    EXPECT_TRUE(std::isnan(std::bit_cast<float>(from_fp8e4m3(to_fp8e4m3(nan)))));
    EXPECT_TRUE(std::isnan(std::bit_cast<float>(to_tf32(nan)))) << std::hex << nan;
  }
}

}  // namespace
}  // namespace breakeven
