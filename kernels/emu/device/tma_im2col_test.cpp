// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "kernels/emu/device/tma_kernels.h"

// TMA's im2col mode against the definition: the i-th of all filter corners, read at an offset.

namespace breakeven::emu {
namespace {

constexpr int kChannels = 8, kPixelBytes = kChannels * 2;  // of a box, without swizzle

/// Images [n, h, w, c] of 16-bit elements, and a walk over them.
struct Walk {
  int n = 2, h = 9, w = 7, c = 24;
  int lower_w = -1, lower_h = -2, upper_w = -1, upper_h = 1;
  int step_w = 1, step_h = 1;
  int pixels = 40;

  /// Corners of one row, rows of one image.
  int columns() const { return (w - 1 + upper_w - lower_w) / step_w + 1; }
  int rows() const { return (h - 1 + upper_h - lower_h) / step_h + 1; }
  size_t size() const { return static_cast<size_t>(n) * h * w * c; }
};

CUresult encode(TensorMap* map, const Walk& walk, const void* base,
                CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_NONE, int channels = kChannels) {
  const auto size = [](int64_t v) { return static_cast<cuuint64_t>(v); };
  const cuuint64_t dimensions[] = {size(walk.c), size(walk.w), size(walk.h), size(walk.n)};
  const cuuint64_t strides[] = {size(walk.c * 2), size(walk.c * 2 * walk.w),
                                size(walk.c * 2 * walk.w * walk.h)};
  const int lower[] = {walk.lower_w, walk.lower_h}, upper[] = {walk.upper_w, walk.upper_h};
  const cuuint32_t steps[] = {1, static_cast<cuuint32_t>(walk.step_w), static_cast<cuuint32_t>(walk.step_h),
                              1};
  return encode_im2col(map, CU_TENSOR_MAP_DATA_TYPE_UINT16, 4, const_cast<void*>(base), dimensions, strides,
                       lower, upper, static_cast<cuuint32_t>(channels), static_cast<cuuint32_t>(walk.pixels),
                       steps, CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle, CU_TENSOR_MAP_L2_PROMOTION_NONE,
                       CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
}

/// Channel `c` of pixel `i` of a load that begins at corner number `first` of all images.
uint16_t expected_element(const Walk& walk, const std::vector<uint16_t>& images, int64_t corner, int c,
                          int offset_w, int offset_h) {
  const int64_t row = corner / walk.columns();
  const int64_t n = row / walk.rows();
  const int64_t h = walk.lower_h + row % walk.rows() * walk.step_h + offset_h;
  const int64_t w = walk.lower_w + corner % walk.columns() * walk.step_w + offset_w;
  if (n >= walk.n || h < 0 || h >= walk.h || w < 0 || w >= walk.w || c < 0 || c >= walk.c) return 0;
  return images[static_cast<size_t>(((n * walk.h + h) * walk.w + w) * walk.c + c)];
}

auto im2col_kernel(TensorMap map, std::byte* out, int bytes, PixelPlace at) {
  return [=] {
    auto& full = device::static_shared<Mbarrier>();
    std::byte* tile = device::dynamic_shared();
    if (threadIdx.x == 0) {
      device::mbarrier_init(&full, 1);
      device::fence_mbarrier_init();
      device::mbarrier_arrive_expect(&full, bytes);
      device::tma_load_im2col(tile, &map, &full, at.c, at.w, at.h, at.n, static_cast<uint16_t>(at.offset_w),
                              static_cast<uint16_t>(at.offset_h));
    }
    __syncthreads();
    device::mbarrier_wait(&full, 0);
    for (int i = static_cast<int>(threadIdx.x); i < bytes; i += 64) out[i] = tile[i];
  };
}

/// One load from corner `corner` on.
void expect_walk(const Walk& walk, int corner, int c, int offset_w, int offset_h, uint64_t seed) {
  const auto images = random_bits<uint16_t>(walk.size(), seed);
  const DeviceArray<uint16_t> source(images),
      out(static_cast<size_t>(walk.pixels) * static_cast<size_t>(kChannels));
  TensorMap map;
  ASSERT_EQ(encode(&map, walk, source.get()), CUDA_SUCCESS);
  const int row = corner / walk.columns();
  const PixelPlace at = {c,
                         walk.lower_w + corner % walk.columns() * walk.step_w,
                         walk.lower_h + row % walk.rows() * walk.step_h,
                         row / walk.rows(),
                         offset_w,
                         offset_h};
  const Ended ended =
      run(kShape, im2col_kernel(map, reinterpret_cast<std::byte*>(out.get()), walk.pixels * kPixelBytes, at),
          seed);
  ASSERT_FALSE(ended.fault) << ended.sentence;
  const std::vector<uint16_t> got = out.host();
  for (int i = 0; i < walk.pixels * kChannels; ++i) {
    ASSERT_EQ(got[static_cast<size_t>(i)],
              expected_element(walk, images, corner + i / kChannels, c + i % kChannels, offset_w, offset_h))
        << "pixel " << i / kChannels << ", channel " << i % kChannels;
  }
}

TEST(TmaIm2col, WalksTheBoxOfCorners) {
  expect_walk({}, 0, 0, 0, 0, 1);
  expect_walk({}, 17, 8, 2, 1, 2);
  expect_walk({}, 100, 16, 0, 3, 3);  // beyond the last image
  expect_walk({.step_w = 2, .step_h = 3}, 5, 0, 1, 0, 4);
  expect_walk({.c = 8, .lower_w = 2, .lower_h = 1, .upper_w = 3, .upper_h = 0}, 3, 0, 0, 0, 5);
}

TEST(TmaIm2col, WalksRandomBoxes) {
  std::mt19937 random(11);
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Walk walk{.n = between(1, 3),
              .h = between(1, 9),
              .w = between(1, 9),
              .c = 8 * between(1, 3),
              .lower_w = between(-4, 2),
              .lower_h = between(-4, 2),
              .upper_w = 0,
              .upper_h = 0,
              .step_w = between(1, 8),
              .step_h = between(1, 8),
              .pixels = between(1, 100)};
    walk.upper_w = between(walk.lower_w - walk.w + 1, 4);  // a box of one column or more
    walk.upper_h = between(walk.lower_h - walk.h + 1, 4);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    expect_walk(walk, between(0, walk.columns() * walk.rows() * walk.n - 1), between(-4, walk.c),
                between(0, 6), between(0, 6), seed);
    if (HasFatalFailure()) return;
  }
}

TEST(TmaIm2col, RowsOfPixelsLieSwizzled) {
  const Walk walk{.c = 64, .pixels = 16};
  const auto images = random_bits<uint16_t>(walk.size(), 7);
  const DeviceArray<uint16_t> source(images), out(16 * 64);
  TensorMap map;
  ASSERT_EQ(encode(&map, walk, source.get(), CU_TENSOR_MAP_SWIZZLE_128B, 64), CUDA_SUCCESS);
  const PixelPlace at = {0, walk.lower_w, walk.lower_h, 0, 1, 2};
  expect_right(kShape, im2col_kernel(map, reinterpret_cast<std::byte*>(out.get()), 16 * 128, at), [&] {
    const std::vector<uint16_t> got = out.host();
    for (int i = 0; i < 16 * 64; ++i) {
      const int pixel = i / 64, c = i % 64, place = pixel * 64 + (c / 8 ^ pixel % 8) * 8 + c % 8;
      ASSERT_EQ(got[static_cast<size_t>(place)], expected_element(walk, images, pixel, c, 1, 2)) << i;
    }
  });
}

TEST(TmaIm2col, MisuseIsNamed) {
  const Walk walk;
  const auto images = random_bits<uint16_t>(walk.size(), 8);
  const DeviceArray<uint16_t> source(images), out(static_cast<size_t>(walk.pixels) * kChannels);
  auto* to = reinterpret_cast<std::byte*>(out.get());
  const int bytes = walk.pixels * kPixelBytes;
  TensorMap map;
  ASSERT_EQ(encode(&map, walk, source.get()), CUDA_SUCCESS);
  const FaultKind invalid = FaultKind::invalid_use;
  expect_fault(invalid, kShape, im2col_kernel(map, to, bytes, {0, -2, 0, 0, 0, 0}));   // left of the box
  expect_fault(invalid, kShape, im2col_kernel(map, to, bytes, {0, 6, 0, 0, 0, 0}));    // right of it
  expect_fault(invalid, kShape, im2col_kernel(map, to, bytes, {0, 0, -3, 0, 0, 0}));   // above
  expect_fault(invalid, kShape, im2col_kernel(map, to, bytes, {0, 0, 10, 0, 0, 0}));   // below
  expect_fault(invalid, kShape, im2col_kernel(map, to, bytes, {0, 0, 0, 0, 256, 0}));  // too far
  expect_fault(FaultKind::deadlock, kShape, im2col_kernel(map, to, bytes + 16, {0, 0, 0, 0, 0, 0}));
  expect_fault(invalid, kShape, load_kernel(map, to, bytes, 0, 0, 0));  // the map is no tiled one
  const TensorMap tiled = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  expect_fault(invalid, kShape, im2col_kernel(tiled, to, kBoxBytes, {0, 0, 0, 0, 0, 0}));
  expect_fault(FaultKind::misaligned, kShape, [map] {
    auto& full = device::static_shared<Mbarrier>();
    if (threadIdx.x != 0) return;
    device::mbarrier_init(&full, 1);
    device::fence_mbarrier_init();
    device::tma_load_im2col(device::dynamic_shared() + 64, &map, &full, 0, 0, 0, 0, 0, 0);
  });
}

}  // namespace
}  // namespace breakeven::emu
