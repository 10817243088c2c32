// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/tensor_map.h"

#include <gtest/gtest.h>

#include <cstring>

// Every condition that cuda.h states, broken alone.

namespace breakeven::emu {
namespace {

/// Arguments that the driver takes; tests spoil one.
struct Arguments {
  CUtensorMapDataType type = CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  cuuint32_t rank = 3;
  void* base = reinterpret_cast<void*>(uintptr_t{0x10000});
  cuuint64_t dimensions[5] = {100, 50, 2, 1, 1}, strides[4] = {208, 208 * 50, 16, 16};
  cuuint32_t box[5] = {64, 128, 1, 1, 1}, element_strides[5] = {1, 1, 1, 1, 1};
  CUtensorMapInterleave interleave = CU_TENSOR_MAP_INTERLEAVE_NONE;
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_128B;
  CUtensorMapL2promotion promotion = CU_TENSOR_MAP_L2_PROMOTION_L2_256B;
  CUtensorMapFloatOOBfill fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;

  CUresult encode() {
    CUtensorMap map;
    return encode_tiled(&map, type, rank, base, dimensions, strides, box, element_strides, interleave,
                        swizzle, promotion, fill);
  }
};

template <class Spoil>
CUresult spoiled(Spoil spoil) {
  Arguments arguments;
  spoil(arguments);
  return arguments.encode();
}

TEST(EncodeTiled, TakesWhatTheDriverTakes) {
  EXPECT_EQ(Arguments().encode(), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.dimensions[0] = uint64_t{1} << 32; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.strides[1] = (uint64_t{1} << 40) - 16; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.box[1] = 256; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.rank = 1; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.element_strides[1] = 8; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled([](Arguments& a) { a.fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA; }),
            CUDA_SUCCESS);
}

TEST(EncodeTiled, RefusesWhatTheDriverRefuses) {
  const CUresult bad = CUDA_ERROR_INVALID_VALUE;
  EXPECT_EQ(spoiled([](Arguments& a) { a.base = nullptr; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.base = reinterpret_cast<void*>(uintptr_t{0x10008}); }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.rank = 0; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.rank = 6; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.dimensions[1] = 0; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.dimensions[1] = (uint64_t{1} << 32) + 1; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.strides[0] = 200; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.strides[1] = uint64_t{1} << 40; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.box[1] = 0; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.box[1] = 257; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.box[0] = 60; }), bad);  // 120 bytes: not a multiple of 16
  EXPECT_EQ(spoiled([](Arguments& a) { a.box[0] = 72; }), bad);  // 144 bytes: more than the swizzle's span
  EXPECT_EQ(spoiled([](Arguments& a) { a.swizzle = CU_TENSOR_MAP_SWIZZLE_64B; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.element_strides[2] = 0; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.element_strides[2] = 9; }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.type = static_cast<CUtensorMapDataType>(99); }), bad);
  EXPECT_EQ(spoiled([](Arguments& a) {
              a.type = CU_TENSOR_MAP_DATA_TYPE_UINT16;
              a.fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA;
            }),
            bad);
  EXPECT_EQ(spoiled([](Arguments& a) { a.interleave = CU_TENSOR_MAP_INTERLEAVE_16B; }),
            CUDA_ERROR_NOT_SUPPORTED);
}

/// The same for im2col mode: images of 50 x 40 pixels with 96 channels.
struct Im2colArguments {
  CUtensorMapDataType type = CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  cuuint32_t rank = 4;
  void* base = reinterpret_cast<void*>(uintptr_t{0x10000});
  cuuint64_t dimensions[5] = {96, 50, 40, 3, 1}, strides[4] = {192, 192 * 50, 192 * 50 * 40, 16};
  int lower[3] = {-1, -1, 0}, upper[3] = {-1, -1, 0};
  cuuint32_t channels = 64, pixels = 128, element_strides[5] = {1, 1, 1, 1, 1};
  CUtensorMapInterleave interleave = CU_TENSOR_MAP_INTERLEAVE_NONE;
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_128B;
  CUtensorMapFloatOOBfill fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;

  CUresult encode() {
    CUtensorMap map;
    return encode_im2col(&map, type, rank, base, dimensions, strides, lower, upper, channels, pixels,
                         element_strides, interleave, swizzle, CU_TENSOR_MAP_L2_PROMOTION_NONE, fill);
  }
};

template <class Spoil>
CUresult spoiled_im2col(Spoil spoil) {
  Im2colArguments arguments;
  spoil(arguments);
  return arguments.encode();
}

using Im2col = Im2colArguments;

TEST(EncodeIm2col, TakesWhatTheDriverTakes) {
  EXPECT_EQ(Im2col().encode(), CUDA_SUCCESS);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.lower[0] = -128; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.upper[1] = 127; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.upper[0] = -50; }), CUDA_SUCCESS);  // one column of corners
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.pixels = 1024; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.element_strides[2] = 8; }), CUDA_SUCCESS);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.rank = 5, a.dimensions[4] = 2, a.strides[3] = 1 << 20; }),
            CUDA_SUCCESS);
  const auto wide = [](Im2col& a) { a.rank = 3, a.lower[0] = -32768, a.upper[0] = 32767; };
  EXPECT_EQ(spoiled_im2col(wide), CUDA_SUCCESS);
  const auto all_channels = [](Im2col& a) { a.swizzle = CU_TENSOR_MAP_SWIZZLE_NONE, a.channels = 256; };
  EXPECT_EQ(spoiled_im2col(all_channels), CUDA_SUCCESS);
}

TEST(EncodeIm2col, RefusesWhatTheDriverRefuses) {
  const CUresult bad = CUDA_ERROR_INVALID_VALUE;
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.rank = 2; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.rank = 6; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.base = reinterpret_cast<void*>(uintptr_t{0x10008}); }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.dimensions[3] = 0; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.strides[0] = 200; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.lower[0] = -129; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.lower[1] = 128; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.upper[1] = 128; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.upper[0] = -51; }), bad);  // an empty box
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.rank = 5, a.upper[2] = 16, a.strides[3] = 1 << 20; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.channels = 0; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.channels = 72; }), bad);  // more than the swizzle's span
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.channels = 60; }), bad);  // 120 bytes
  const auto many_channels = [](Im2col& a) { a.swizzle = CU_TENSOR_MAP_SWIZZLE_NONE, a.channels = 264; };
  EXPECT_EQ(spoiled_im2col(many_channels), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.pixels = 0; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.pixels = 1025; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.element_strides[1] = 9; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.element_strides[3] = 0; }), bad);
  EXPECT_EQ(spoiled_im2col([](Im2col& a) { a.interleave = CU_TENSOR_MAP_INTERLEAVE_32B; }),
            CUDA_ERROR_NOT_SUPPORTED);
}

TEST(Swizzle, IsTheExclusiveOrOfUnitAndRow) {
  for (uint32_t row = 0; row < 16; ++row) {
    for (uint32_t unit = 0; unit < 8; ++unit) {
      EXPECT_EQ(swizzled(row * 128 + unit * 16 + 5, Swizzle::bytes_128),
                row * 128 + (unit ^ row % 8) * 16 + 5);
      const uint32_t of_4 = unit % 4, of_2 = unit % 2;
      EXPECT_EQ(swizzled(row * 64 + of_4 * 16, Swizzle::bytes_64), row * 64 + (of_4 ^ row / 2 % 4) * 16);
      EXPECT_EQ(swizzled(row * 32 + of_2 * 16, Swizzle::bytes_32), row * 32 + (of_2 ^ row / 4 % 2) * 16);
      EXPECT_EQ(swizzled(row * 16, Swizzle::none), row * 16);
    }
  }
}

}  // namespace
}  // namespace breakeven::emu
