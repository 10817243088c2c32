// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "kernels/emu/device/tma_kernels.h"

namespace breakeven::emu {
namespace {

uint16_t element(const std::vector<uint16_t>& tensor, int x, int y, int z) {
  if (x < 0 || x >= kColumns || y < 0 || y >= kRows || z < 0 || z >= kBatches) return 0;
  return tensor[static_cast<size_t>((z * kRows + y) * kPitch + x)];
}

/// By the PTX ISA's pictures: within 8 rows of 128 bytes, 16-byte column c of row r lies at column c ^ (r %
/// 8); with 64 bytes: c ^ (r / 2 % 4); with 32: c ^ (r / 4 % 2). In bytes of 16-bit elements.
int place(int column, int row, int span) {
  const int unit = column * 2 / 16, lines = 128 / span;
  return row * span + (unit ^ row / lines % (span / 16)) * 16 + column * 2 % 16;
}

TEST(TmaLoad, BoxesLieSwizzledAndOutsideIsZero) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 1);
  const DeviceArray<uint16_t> source(tensor);
  const struct {
    CUtensorMapSwizzle swizzle;
    int span;
  } modes[] = {
      {CU_TENSOR_MAP_SWIZZLE_128B, 128}, {CU_TENSOR_MAP_SWIZZLE_64B, 64}, {CU_TENSOR_MAP_SWIZZLE_32B, 32}};
  const BoxPlace places[] = {{0, 0, 0}, {64, 32, 1}, {-5, -3, 1}, {8, 5, 2}, {200, 0, 0}};
  for (const auto& mode : modes) {
    const int span = mode.span, bytes = span * kBoxRows;
    const DeviceArray<std::byte> out(static_cast<size_t>(bytes));
    const TensorMap map = map_of(source.get(), mode.swizzle, static_cast<cuuint32_t>(span / 2));
    for (const BoxPlace at : places) {
      expect_right(kShape, load_kernel(map, out.get(), bytes, at.x, at.y, at.z), [&] {
        const std::vector<std::byte> got = out.host();
        for (int i = 0; i < bytes / 2; ++i) {
          const int row = i / (span / 2), column = i % (span / 2);
          uint16_t bits;
          std::memcpy(&bits, got.data() + place(column, row, span), 2);
          ASSERT_EQ(bits, element(tensor, at.x + column, at.y + row, at.z)) << row << ", " << column;
        }
      });
    }
  }
}

TEST(TmaLoad, WithoutSwizzleRowsFollowEachOther) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 2);
  const DeviceArray<uint16_t> source(tensor), out(24 * kBoxRows);
  const TensorMap map = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_NONE, 24);
  const int bytes = 24 * 2 * kBoxRows;
  expect_right(kShape, load_kernel(map, reinterpret_cast<std::byte*>(out.get()), bytes, 90, 30, 0), [&] {
    const std::vector<uint16_t> got = out.host();
    for (int i = 0; i < 24 * kBoxRows; ++i)
      ASSERT_EQ(got[static_cast<size_t>(i)], element(tensor, 90 + i % 24, 30 + i / 24, 0)) << i;
  });
}

TEST(TmaStore, WritesWhatIsInsideAndNothingElse) {
  const auto before = random_bits<uint16_t>(kPitch * kRows * kBatches, 3),
             tile = random_bits<uint16_t>(kBoxBytes / 2, 4);
  const DeviceArray<uint16_t> target(before), source(tile);
  const TensorMap map = map_of(target.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  const BoxPlace at = {60, 30, 1};
  expect_right(kShape, store_kernel(map, source.get(), at.x, at.y, at.z, StoreMode::write), [&] {
    std::vector<uint16_t> expected = before;
    for (int row = 0; row < kBoxRows; ++row) {
      for (int column = 0; column < kBoxColumns; ++column) {
        const int x = at.x + column, y = at.y + row;
        if (x < kColumns && y < kRows)
          expected[static_cast<size_t>((at.z * kRows + y) * kPitch + x)] =
              tile[static_cast<size_t>(place(column, row, 128) / 2)];
      }
    }
    EXPECT_EQ(target.host(), expected);
  });
}

TEST(TmaStore, ReduceAddsEachElement) {
  const std::vector<float> before(52 * kRows * kBatches, 1.5f);  // rows of 208 bytes again
  std::vector<float> tile(32 * kBoxRows);
  for (size_t i = 0; i < tile.size(); ++i) tile[i] = static_cast<float>(i);
  const DeviceArray<float> source(tile);
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const DeviceArray<float> target(before);
    TensorMap map;
    const cuuint64_t dimensions[] = {50, kRows, kBatches}, strides[] = {208, 208 * kRows};
    const cuuint32_t box[] = {32, kBoxRows, 1}, ones[] = {1, 1, 1};
    ASSERT_EQ(encode_tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 3, target.get(), dimensions, strides, box,
                           ones, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE,
                           CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
              CUDA_SUCCESS);
    const GridShape shape = {dim3(3), dim3(64), dim3(1), 16384};  // three blocks add the same
    const Ended ended = run(
        shape, store_kernel(map, reinterpret_cast<uint16_t*>(source.get()), 24, 30, 1, StoreMode::add), seed);
    ASSERT_FALSE(ended.fault) << ended.sentence;
    const std::vector<float> after = target.host();
    for (size_t i = 0; i < 26; ++i) EXPECT_EQ(after[(kRows + 31) * 52 + 24 + i], 1.5f + 3 * tile[32 + i]);
    EXPECT_EQ(after[(kRows + 31) * 52 + 50], 1.5f);
    EXPECT_EQ(after[(kRows + 31) * 52 + 23], 1.5f);
  }
}

TEST(TmaLoad, MulticastFillsEveryBlockOfTheMask) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 5);
  const DeviceArray<uint16_t> source(tensor), out(static_cast<size_t>(kBoxBytes));
  const TensorMap map = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  const auto kernel = [map, out = out.get()] {
    auto& full = device::static_shared<Mbarrier>();
    auto* tile = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    const int rank = device::cluster_rank(), thread = static_cast<int>(threadIdx.x);
    if (thread == 0) {
      device::mbarrier_init(&full, 1);
      device::fence_mbarrier_init();
      device::mbarrier_arrive_expect(&full, kBoxBytes);
    }
    device::cluster_sync();
    if (rank == 1 && thread == 0) device::tma_load_multicast(tile, &map, &full, 0, 7, 1, 0b11);
    device::mbarrier_wait(&full, 0);
    for (int i = thread; i < kBoxBytes / 2; i += 64) out[rank * (kBoxBytes / 2) + i] = tile[i];
    device::cluster_sync();
  };
  expect_right({dim3(2), dim3(64), dim3(2), 16384}, kernel, [&] {
    const std::vector<uint16_t> got = out.host();
    for (int i = 0; i < kBoxBytes; ++i) {
      const int row = i / kBoxColumns % kBoxRows, column = i % kBoxColumns,
                half = i / (kBoxBytes / 2) * (kBoxBytes / 2);
      ASSERT_EQ(got[static_cast<size_t>(half + place(column, row, 128) / 2)],
                element(tensor, column, 7 + row, 1))
          << i;
    }
  });
}

}  // namespace
}  // namespace breakeven::emu
