// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/conv2d.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

TEST(Conv2d, NamesAreParsedBack) {
  for (const char* name : {"fwd-n16c64h56w56k64r3s3u1p1", "bwdd-n1c1h1w1k1r1s1u1p0",
                           "bwdw-n2c6h7w5k12r3s2u3p2d2g6", "fwd-n1c3h224w224k64r7s7u2p3+bias_relu",
                           "fwd-n1c8h9w9k8r3s3u1p1g8+bias_relu", "bwdd-n1c8h9w9k8r3s3u1p2d2"}) {
    std::string why;
    const auto conv = parse_conv2d(name, Precision::bf16, &why);
    ASSERT_TRUE(conv) << name << ": " << why;
    EXPECT_EQ(conv->name(), name);
    EXPECT_EQ(conv->precision, Precision::bf16);
    EXPECT_EQ(parse_conv2d(conv->name(), Precision::bf16, &why), conv);
  }
}

TEST(Conv2d, StridePaddingDilationAndGroupsMayBeLeftOut) {
  std::string why;
  const auto conv = parse_conv2d("fwd-n2c3h4w5k6r1s2", Precision::fp32, &why).value();
  EXPECT_EQ(conv, (Conv2d{.n = 2, .c = 3, .h = 4, .w = 5, .k = 6, .r = 1, .s = 2}));
  EXPECT_EQ(conv.name(), "fwd-n2c3h4w5k6r1s2u1p0");
  EXPECT_EQ(parse_conv2d("fwd-n2c4h4w5k6r1s2g2", Precision::fp32, &why)->groups, 2);
  EXPECT_EQ(parse_conv2d("fwd-n2c4h9w9k6r3s3d2", Precision::fp32, &why)->dilation, 2);
}

TEST(Conv2d, RefusesWhatIsNoConvolution) {
  const struct {
    std::string text;
    const char* names;  // what the reason must name
  } kBad[] = {
      {"", "'fwd-'"},
      {"fwd", "'fwd-'"},
      {"fwdn1c1h1w1k1r1s1", "'fwd-'"},
      {"FWD-n1c1h1w1k1r1s1", "'fwd-'"},
      {"bwd-n1c1h1w1k1r1s1", "'fwd-'"},
      {"fwd-", "n"},
      {"fwd-n1c1h1w1k1r1", "s"},
      {"fwd-n1c1h1w1r1s1k1", "k"},
      {"fwd-n0c1h1w1k1r1s1", "n"},
      {"fwd-n-1c1h1w1k1r1s1", "n"},
      {"fwd-n 1c1h1w1k1r1s1", "n"},
      {"fwd-n1c1h1w1k1r1s1u0", "u"},
      {"fwd-n1c1h1w1k1r1s1d0", "d"},
      {"fwd-n1c1h1w1k1r1s1g0", "g"},
      {"fwd-n1c1h4w4k1r5s3", "larger than the padded input of 4 x 4"},
      {"fwd-n1c1h4w4k1r3s3d2", "larger"},
      {"fwd-n1c1h4w2k1r3s7p2", "larger"},
      {"fwd-n1c6h4w4k8r1s1g4", "c=6"},
      {"fwd-n1c8h4w4k6r1s1g4", "k=6"},
      {"bwdd-n1c1h1w1k1r1s1+bias_relu", "fwd alone"},
      {"bwdw-n1c1h1w1k1r1s1+bias_relu", "fwd alone"},
      {"fwd-n1c1h1w1k1r1s1+gelu", "+gelu"},
      {"fwd-n1c1h1w1k1r1s1g1d1", "d1"},
      {"fwd-n1c1h1w1k1r1s1u1p1/../x", "/../x"},
      {"fwd-n1c1h1w1k1r1s1 ", "' '"},
      {"fwd-n16777215c16777215h16777215w1k1r1s1", "2^40"},
      {"fwd-n1c16777215h1w1k16777215r1s1", "2^40"},
      {"fwd-n99999999999999999999c1h1w1k1r1s1", "n"},
      {"fwd-n1c1h1w1k1r1s1p99999999999999999999", "p"},
      {"fwd-n1c1h1w1k1r1s1p16777217", "p"},
      {std::string("fwd-n1\0c1h1w1k1r1s1", 19), "c"},
      {std::string(1 << 20, 'n'), "'fwd-'"},
      {"fwd-n1c1h1w1k1r1s1" + std::string(1 << 20, 'x'), "left over"},
      {"fwd-n" + std::string(1 << 20, '9'), "n"},
  };
  for (const auto& bad : kBad) {
    std::string why;
    EXPECT_FALSE(parse_conv2d(bad.text, Precision::fp32, &why)) << bad.text.substr(0, 60);
    EXPECT_NE(why.find(bad.names), why.npos) << bad.text.substr(0, 60) << " -> " << why;
    EXPECT_LT(why.size(), 300u);
  }
}

TEST(Conv2d, ExtentsOfTheOutput) {
  const Conv2d stem{.n = 1, .c = 3, .h = 224, .w = 224, .k = 64, .r = 7, .s = 7, .stride = 2, .padding = 3};
  EXPECT_EQ(stem.y_extents(), (std::vector<int64_t>{1, 112, 112, 64}));
  const Conv2d spread{.n = 1, .c = 1, .h = 9, .w = 11, .k = 1, .r = 3, .s = 2, .dilation = 4};
  EXPECT_EQ(spread.p(), 1);
  EXPECT_EQ(spread.q(), 7);
}

/// Products that meet the input, one by one.
double counted(const Conv2d& v) {
  double products = 0;
  for (int64_t p = 0; p < v.p(); ++p)
    for (int64_t q = 0; q < v.q(); ++q)
      for (int64_t i = 0; i < v.r; ++i)
        for (int64_t j = 0; j < v.s; ++j) {
          const int64_t h = p * v.stride - v.padding + i * v.dilation;
          const int64_t w = q * v.stride - v.padding + j * v.dilation;
          products += h >= 0 && h < v.h && w >= 0 && w < v.w;
        }
  return products * static_cast<double>(v.n * v.k * (v.c / v.groups));
}

TEST(Conv2d, FlopsCountWhatMeetsTheInput) {
  for (const char* shape :
       {"n2c3h8w9k5r3s3u1p1", "n1c4h8w7k4r3s3u2p1g4", "n1c2h5w4k3r1s1u1p3", "n1c2h11w6k3r3s2u3p4d2",
        "n3c1h1w1k1r1s1u1p0", "n1c1h1w2k1r3s3u2p2", "n1c1h3w3k1r7s7u1p9", "n1c2h9w9k2r3s3u1p2d4"}) {
    for (const char* direction : {"fwd-", "bwdd-", "bwdw-"}) {
      std::string why;
      const Conv2d conv = parse_conv2d(direction + std::string(shape), Precision::fp32, &why).value();
      EXPECT_EQ(conv.work().flops, 2 * counted(conv)) << conv.name();
    }
  }
}

TEST(Conv2d, BytesAreOperandsAndResultOnce) {
  std::string why;
  const Conv2d conv = parse_conv2d("fwd-n2c3h4w5k6r3s3u1p1+bias_relu", Precision::bf16, &why).value();
  EXPECT_EQ(conv.work().bytes, 2 * (2 * 3 * 4 * 5 + 6 * 3 * 3 * 3 + 2 * 4 * 5 * 6) + 4 * 6);
  const Conv2d back = parse_conv2d("bwdw-n2c3h4w5k6r3s3u1p1", Precision::int8, &why).value();
  EXPECT_EQ(back.work().bytes, 2 * 3 * 4 * 5 + 2 * 4 * 5 * 6 + 4 * (6 * 3 * 3 * 3));
}

TEST(Conv2d, OperandsAndResultsOfEachDirection) {
  const auto extents = [](Direction direction) {
    const Conv2d conv{
        .direction = direction, .n = 2, .c = 4, .h = 5, .w = 6, .k = 8, .r = 3, .s = 2, .groups = 2};
    std::vector<std::vector<int64_t>> all;
    for (const ArrayShape& shape : conv.operands()) all.push_back(shape.extents);
    all.push_back(conv.results()[0].extents);
    return all;
  };
  const std::vector<int64_t> x{2, 5, 6, 4}, w{8, 3, 2, 2}, y{2, 3, 5, 8};
  EXPECT_EQ(extents(Direction::forward), (std::vector{x, w, y}));
  EXPECT_EQ(extents(Direction::backward_data), (std::vector{y, w, x}));
  EXPECT_EQ(extents(Direction::backward_weights), (std::vector{x, y, w}));
}

TEST(Conv2d, LongestSumIsReached) {
  // With the padding far enough away, some element meets as many products as there can be.
  EXPECT_EQ((Conv2d{.n = 2, .c = 6, .h = 9, .w = 9, .k = 4, .r = 3, .s = 3, .groups = 2}.longest_sum()), 27);
  Conv2d back{.direction = Direction::backward_data,
              .n = 2,
              .c = 6,
              .h = 9,
              .w = 9,
              .k = 4,
              .r = 3,
              .s = 3,
              .stride = 2,
              .groups = 2};
  EXPECT_EQ(back.longest_sum(), 2 * 2 * 2);
  back.direction = Direction::backward_weights;
  EXPECT_EQ(back.longest_sum(), 2 * 4 * 4);
}

}  // namespace
}  // namespace breakeven
