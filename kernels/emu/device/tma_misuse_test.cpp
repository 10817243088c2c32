// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/device/tma_kernels.h"

namespace breakeven::emu {
namespace {

TEST(TmaMisuse, IsNamed) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 6);
  const DeviceArray<uint16_t> source(tensor), target(tensor);
  const DeviceArray<std::byte> out(static_cast<size_t>(kBoxBytes));
  const TensorMap map = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_128B),
                  to = map_of(target.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  // Fewer or more bytes expected than the box has: nobody wakes the waiting.
  expect_fault(FaultKind::deadlock, kShape, load_kernel(map, out.get(), kBoxBytes + 16, 0, 0, 0));
  expect_fault(FaultKind::deadlock, kShape, load_kernel(map, out.get(), kBoxBytes - 16, 0, 0, 0));
  expect_fault(FaultKind::missing_proxy_fence, kShape,
               store_kernel(to, source.get(), 0, 0, 0, StoreMode::write, false));
  TensorMap garbage = map;
  reinterpret_cast<char*>(&garbage)[3] ^= 1;
  expect_fault(FaultKind::invalid_use, kShape, load_kernel(garbage, out.get(), kBoxBytes, 0, 0, 0));
  expect_fault(FaultKind::misaligned, kShape, [map] {
    auto& full = device::static_shared<Mbarrier>();
    if (threadIdx.x != 0) return;
    device::mbarrier_init(&full, 1);
    device::fence_mbarrier_init();
    device::tma_load(device::dynamic_shared() + 64, &map, &full, 0, 0, 0);
  });
  expect_fault(FaultKind::missing_proxy_fence, kShape, [map] {
    auto& full = device::static_shared<Mbarrier>();
    if (threadIdx.x != 0) return;
    device::mbarrier_init(&full, 1);
    device::tma_load(device::dynamic_shared(), &map, &full, 0, 0, 0);
  });
}

TEST(TmaMisuse, ReadingBeforeTheWaitIsARaceOrUninitialised) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 7);
  const DeviceArray<uint16_t> source(tensor), out(64);
  const TensorMap map = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  const auto kernel = [map, out = out.get()] {
    auto& full = device::static_shared<Mbarrier>();
    auto* tile = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    if (threadIdx.x == 0) {
      device::mbarrier_init(&full, 1);
      device::fence_mbarrier_init();
      device::mbarrier_arrive_expect(&full, kBoxBytes);
      device::tma_load(tile, &map, &full, 0, 0, 0);
    }
    __syncthreads();
    out[threadIdx.x] = tile[threadIdx.x];
    device::mbarrier_wait(&full, 0);
  };
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Ended ended = run(kShape, kernel, seed);
    ASSERT_TRUE(ended.fault) << seed;
    EXPECT_TRUE(*ended.fault == FaultKind::race || *ended.fault == FaultKind::uninitialised)
        << ended.sentence;
  }
}

TEST(TmaMisuse, RefillingATileThatAStoreStillReadsIsARace) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 8);
  const DeviceArray<uint16_t> target(tensor);
  const TensorMap map = map_of(target.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  expect_fault(FaultKind::race, kShape, [map] {
    auto* tile = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    for (int round = 0; round < 2; ++round) {
      for (int i = static_cast<int>(threadIdx.x); i < kBoxBytes / 2; i += 64)
        tile[i] = static_cast<uint16_t>(i);
      device::fence_proxy_async();
      __syncthreads();
      if (threadIdx.x == 0) {
        device::tma_store(&map, tile, 0, 0, 0);
        device::tma_store_commit();
      }
      __syncthreads();  // tma_store_wait_read<0> by thread 0 is missing before it
    }
    if (threadIdx.x == 0) device::tma_store_wait<0>();
  });
}

TEST(TmaMisuse, ExitingWhileAStoreReadsIsNamed) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 10);
  const DeviceArray<uint16_t> target(tensor);
  const TensorMap map = map_of(target.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  expect_fault(FaultKind::invalid_use, kShape, [map] {
    auto* tile = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    for (int i = static_cast<int>(threadIdx.x); i < kBoxBytes / 2; i += 64)
      tile[i] = static_cast<uint16_t>(i);
    device::fence_proxy_async();
    __syncthreads();
    if (threadIdx.x == 0) {
      device::tma_store(&map, tile, 0, 0, 0);
      device::tma_store_commit();
    }
  });
}

TEST(TmaMisuse, AMapOfFreedMemoryIsNoticed) {
  const auto tensor = random_bits<uint16_t>(kPitch * kRows * kBatches, 9);
  DeviceArray<uint16_t> source(tensor);
  const DeviceArray<std::byte> out(static_cast<size_t>(kBoxBytes));
  const TensorMap map = map_of(source.get(), CU_TENSOR_MAP_SWIZZLE_128B);
  source.free();
  expect_fault(FaultKind::use_after_free, kShape, load_kernel(map, out.get(), kBoxBytes, 0, 0, 0));
}

}  // namespace
}  // namespace breakeven::emu
