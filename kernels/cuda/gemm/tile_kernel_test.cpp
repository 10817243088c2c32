// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/tile_kernel.h"

#include <gtest/gtest.h>

#include <array>

namespace breakeven::cuda {
namespace {

const std::array<TileKernel, 3> kTiles{TileKernel{nullptr, 128, 256, 256, 144 << 10},
                                       TileKernel{nullptr, 128, 128, 128, 96 << 10},
                                       TileKernel{nullptr, 64, 64, 128, 48 << 10}};
constexpr TileMachine kLarge{132, 227 << 10}, kUsual{46, 99 << 10};

int chosen(const TileMachine& machine, int64_t batch, int64_t m, int64_t n) {
  const TileKernel kernel = choose_tile(kTiles, machine, batch, m, n);
  return kernel.tile_m * kernel.tile_n;
}

TEST(ChooseTile, SmallMatricesKeepManyMultiprocessorsBusy) {
  EXPECT_EQ(chosen(kLarge, 1, 256, 256), 64 * 64);
  EXPECT_EQ(chosen(kLarge, 1, 1, 1), 64 * 64);
}

TEST(ChooseTile, LargeMatricesTakeTheTileWithTheLeastTraffic) {
  EXPECT_EQ(chosen(kLarge, 1, 8192, 8192), 128 * 256);
  EXPECT_EQ(chosen(kLarge, 64, 1024, 1024), 128 * 256);
}

// 121 tiles of 128 x 128 are one round of 132 multiprocessors; smaller ones would take four rounds, larger
// ones leave half of them idle.
TEST(ChooseTile, OneFullRoundBeatsLargerTiles) { EXPECT_EQ(chosen(kLarge, 1, 1408, 1408), 128 * 128); }

TEST(ChooseTile, SharedMemoryIsALimit) {
  EXPECT_EQ(chosen(kUsual, 1, 8192, 8192), 128 * 128);
  EXPECT_EQ(chosen({46, 64 << 10}, 1, 8192, 8192), 64 * 64);
  EXPECT_THROW(chosen({46, 47 << 10}, 1, 8192, 8192), Unsupported);
}

TEST(ChooseTile, CountsTilesIn64Bits) { EXPECT_EQ(chosen(kLarge, 1 << 20, 1 << 20, 1 << 20), 128 * 256); }

TEST(WhyNot, NamesThePrecision) {
  const Gemm fp64{.m = 8, .n = 8, .k = 8, .precision = Precision::fp64};
  EXPECT_EQ(why_not_half(fp64), "fp64 is not written for this kernel; it has bf16, fp16");
  EXPECT_TRUE(why_not_mma(fp64));
  Gemm int8{.m = 8, .n = 8, .k = 8, .precision = Precision::int8};
  EXPECT_FALSE(why_not_mma(int8));
  int8.epilogue = Epilogue::bias_relu;
  EXPECT_TRUE(why_not_mma(int8));
  EXPECT_FALSE(why_not_fp16({.m = 8, .n = 8, .k = 8, .precision = Precision::fp16}));
  EXPECT_TRUE(why_not_fp16({.m = 8, .n = 8, .k = 8, .precision = Precision::bf16}));
}

TEST(TurningBytes, AreThoseOfB) {
  Gemm gemm{.batch = 3, .m = 8, .n = 5, .k = 7, .precision = Precision::tf32};
  EXPECT_EQ(turning_bytes(gemm), 3 * 5 * 7 * 4);
  gemm.precision = Precision::bf16;
  EXPECT_EQ(turning_bytes(gemm), 0);
}

}  // namespace
}  // namespace breakeven::cuda
