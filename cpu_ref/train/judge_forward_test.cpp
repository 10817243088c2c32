// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "cpu_ref/train/judge_one_operation.h"

// Forward results against definitions written once more: a gradient can agree with a wrong one.

namespace breakeven::cpu {
namespace {

using namespace train;

/// 0.1, 0.4, 0.9, 1.6...: no two alike, nothing symmetric.
Numbers uneven(int64_t size) {
  Numbers made;
  for (int64_t i = 1; i <= size; ++i) made.push_back(0.1 * static_cast<double>(i * i % 97));
  return made;
}

TEST(JudgeForward, ConvolutionSlidesItsFilterUnflipped) {
  OneOperation conv({.kind = OpKind::conv, .in = {0}, .out = {1}, .kernel = 3, .stride = 2, .padding = 1},
                    {{2, 5, 4, 2}, {2, 3, 2, 3}}, {{3, 3, 3, 2}});
  const Numbers x = conv.arrays.values[0] = uneven(2 * 5 * 4 * 2), w = uneven(3 * 3 * 3 * 2);
  conv.set(0, w);
  conv.run();
  const auto at = [](int64_t i, int64_t j, int64_t k, int64_t l, int64_t height, int64_t width,
                     int64_t channels) {
    return static_cast<size_t>(((i * height + j) * width + k) * channels + l);
  };
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t out = 0; out < 3 * 2 * 3; ++out) {
      const int64_t p = out / 6, q = out / 3 % 2, k = out % 3;
      double sum = 0;
      for (int64_t tap = 0; tap < 3 * 3 * 2; ++tap) {
        const int64_t r = tap / 6, s = tap / 2 % 3, c = tap % 2, row = 2 * p + r - 1, column = 2 * q + s - 1;
        if (row >= 0 && row < 5 && column >= 0 && column < 4)
          sum += x[at(b, row, column, c, 5, 4, 2)] * w[at(k, r, s, c, 3, 3, 2)];
      }
      EXPECT_NEAR(conv.arrays.values[1][at(b, p, q, k, 3, 2, 3)], sum, 1e-10) << p << q << k;
    }
  }
}

TEST(JudgeForward, LayerNormalizationIsByRowsAndBiasedVariance) {
  OneOperation norm({.kind = OpKind::layernorm, .in = {0}, .out = {1, 2, 3}}, {{2, 2}, {2, 2}, {2}, {2}},
                    {{2}, {2}});
  norm.set(0, {3, 5});
  norm.set(1, {0.5, 0.25});
  norm.arrays.values[0] = {1, 3, 10, 10};
  norm.run();
  const double rstd = 1 / std::sqrt(1 + 1e-5);
  EXPECT_EQ(norm.arrays.values[2], (Numbers{2, 10}));
  EXPECT_NEAR(norm.arrays.values[3][0], rstd, 1e-11);
  EXPECT_NEAR(norm.arrays.values[3][1], 1 / std::sqrt(1e-5), 1e-4);
  EXPECT_NEAR(norm.arrays.values[1][0], 0.5 - 3 * rstd, 1e-11);
  EXPECT_NEAR(norm.arrays.values[1][1], 0.25 + 5 * rstd, 1e-11);
  EXPECT_EQ(norm.arrays.values[1][2], 0.5);
}

TEST(JudgeForward, HeadsLieSideBySideInEachThird) {
  constexpr int64_t kTokens = 3, kWidth = 8, kHeads = 2, kHead = 4;
  OneOperation attention({.kind = OpKind::attention, .in = {0}, .out = {1, 2}, .heads = kHeads},
                         {{1, kTokens, 3 * kWidth}, {1, kTokens, kWidth}, {1, kHeads, kTokens}});
  const Numbers qkv = attention.arrays.values[0] = uneven(kTokens * 3 * kWidth);
  attention.run();
  const auto of = [&](int64_t third, int64_t t, int64_t h, int64_t c) {
    return qkv[static_cast<size_t>(t * 3 * kWidth + third * kWidth + h * kHead + c)];
  };
  for (int64_t h = 0; h < kHeads; ++h) {
    for (int64_t t = 0; t < kTokens; ++t) {
      double sum = 0, weighted = 0;
      for (int64_t j = 0; j <= t; ++j) {
        double logit = 0;
        for (int64_t c = 0; c < kHead; ++c) logit += of(0, t, h, c) * of(1, j, h, c);
        sum += std::exp(logit / 2);  // the root of a head's width
        weighted += std::exp(logit / 2) * of(2, j, h, 3);
      }
      const auto y = static_cast<size_t>(t * kWidth + h * kHead + 3),
                 lse = static_cast<size_t>(h * kTokens + t);
      EXPECT_NEAR(attention.arrays.values[1][y], weighted / sum, 1e-9);
      EXPECT_NEAR(attention.arrays.values[2][lse], std::log(sum), 1e-9);
    }
  }
}

TEST(JudgeForward, TablesAreReadByRow) {
  OneOperation embed({.kind = OpKind::embed, .in = {0}, .out = {1}}, {{2, 2}, {2, 2, 2}}, {{3, 2}, {2, 2}});
  embed.set(0, {1, 2, 3, 4, 5, 6});
  embed.set(1, {10, 20, 30, 40});
  embed.arrays.values[0] = {2, 0, 1, 1};
  embed.run();
  EXPECT_EQ(embed.arrays.values[1], (Numbers{15, 26, 31, 42, 13, 24, 33, 44}));
  OneOperation lookup({.kind = OpKind::lookup, .in = {0}, .out = {1}}, {{1, 2}, {1, 2, 2}}, {{3, 2}});
  lookup.set(0, {1, 2, 3, 4, 5, 6});
  lookup.arrays.values[0] = {2, 0};
  lookup.run();
  EXPECT_EQ(lookup.arrays.values[1], (Numbers{5, 6, 1, 2}));
}

TEST(JudgeForward, InteractionsComeInOrderOfTheFirstVector) {
  OneOperation interaction({.kind = OpKind::interaction, .in = {0, 1}, .out = {2}},
                           {{1, 2}, {1, 2, 2}, {1, 5}});
  interaction.arrays.values = {{1, 2}, {3, 4, 5, 6}, {}};
  interaction.run();
  EXPECT_EQ(interaction.arrays.values[2], (Numbers{1, 2, 11, 17, 39}));
}

}  // namespace
}  // namespace breakeven::cpu
