// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/hopper_choice.h"

#include <gtest/gtest.h>

#include <array>

namespace breakeven::cuda {
namespace {

constexpr TileShape kLarge{128, 256}, kSmall{128, 128};
constexpr std::array kBoth{kLarge, kSmall};
constexpr HopperLimits kH200{.multiprocessors = 132};

Gemm square(int64_t size) { return {.m = size, .n = size, .k = size, .precision = Precision::bf16}; }

TEST(HopperChoice, LargeProblemsTakeLargeTilesAndSmallOnesFillTheDevice) {
  EXPECT_EQ(choose_tile(square(8192), kBoth, kH200), kLarge);
  EXPECT_EQ(choose_tile(square(1024), kBoth, kH200), kSmall);
  EXPECT_THROW(choose_tile(square(1024), {}, kH200), std::logic_error);
}

TEST(HopperChoice, EveryPrecisionCostsTheSamePerByteOfK) {
  Gemm bf16 = square(4096), int8 = square(4096);
  int8.precision = Precision::int8;
  int8.k *= 2;
  const double stored = model_cycles(int8, kLarge, kH200) - model_cycles(bf16, kLarge, kH200);
  EXPECT_GT(stored, 0);  // only C is wider
  EXPECT_LT(stored, 0.1 * model_cycles(bf16, kLarge, kH200));
}

TEST(HopperChoice, TilesInFlightCoverASquare) {
  EXPECT_EQ(choose_group(kLarge, 64, kH200), 16);  // 16 x 128 rows, 132 / 16 x 256 columns
  EXPECT_EQ(choose_group(kLarge, 3, kH200), 3);    // no more than there are
}

TEST(StreamShare, SharesOutWhatFillsNoWave) {
  const StreamShare share = stream_share(140, 64, kLarge, kH200);
  EXPECT_EQ(share.tiles, 140);  // 8 left over and one wave more
  EXPECT_EQ(share.blocks, 132);
  const StreamShare many = stream_share(300, 64, kLarge, kH200);
  EXPECT_EQ((300 - many.tiles) % 132, 0);  // the rest are whole waves
}

TEST(StreamShare, CutsFewLongTilesAndLeavesWholeWavesAndShortTilesAlone) {
  EXPECT_GT(stream_share(4, 128, kSmall, kH200).blocks, 4);
  EXPECT_LE(stream_share(4, 128, kSmall, kH200).blocks, 132);
  EXPECT_EQ(stream_share(264, 64, kLarge, kH200).tiles, 0);
  EXPECT_EQ(stream_share(4, 2, kSmall, kH200).tiles, 0);
  EXPECT_EQ(stream_share(4, 2, kSmall, kH200).grid, 4);
}

TEST(StreamShare, NeverCostsMoreThanWholeTilesByTheModel) {
  constexpr HopperLimits kStreamed{.multiprocessors = 132, .division = Division::streamed};
  for (int64_t size : {100, 700, 1500, 2048, 3000, 5000}) {
    for (const TileShape& tile : kBoth) {
      EXPECT_LE(model_cycles(square(size), tile, kStreamed), model_cycles(square(size), tile, kH200)) << size;
    }
  }
}

}  // namespace
}  // namespace breakeven::cuda
