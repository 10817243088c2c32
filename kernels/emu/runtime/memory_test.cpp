// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <vector>

#include "kernels/emu/runtime/device_fixture.h"

namespace breakeven::emu {
namespace {

using Memory = Device;

TEST_F(Memory, GoesThereAndBack) {
  const Block block(16);
  const int there[4] = {1, 2, 3, 4};
  int back[4] = {};
  EXPECT_EQ(cudaMemcpy(block.at, there, 16, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(back, block.at, 16, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(std::memcmp(there, back, 16), 0);
  EXPECT_EQ(cudaMemset(block.at, 7, 16), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(back, block.at, 16, cudaMemcpyDefault), cudaSuccess);
  EXPECT_EQ(back[3], 0x07070707);
}

TEST_F(Memory, RefusesWhatTheDriverRefuses) {
  const Block block(16);
  int host[8] = {};
  EXPECT_REFUSED(cudaMemcpy(block.at, host, 17, cudaMemcpyHostToDevice), cudaErrorInvalidValue, "has 16");
  EXPECT_REFUSED(cudaMemcpy(host, block.bytes() + 12, 8, cudaMemcpyDeviceToHost), cudaErrorInvalidValue,
                 "byte 12");
  EXPECT_REFUSED(cudaMemcpy(host, block.at, 8, cudaMemcpyHostToDevice), cudaErrorInvalidValue, "direction");
  EXPECT_REFUSED(cudaMemcpy(block.at, host, 8, cudaMemcpyDeviceToDevice), cudaErrorInvalidValue,
                 "source is host");
  EXPECT_REFUSED(cudaMemcpy(block.at, nullptr, 8, cudaMemcpyHostToDevice), cudaErrorInvalidValue, "null");
  EXPECT_REFUSED(cudaMemcpy(block.at, host, 8, static_cast<cudaMemcpyKind>(9)),
                 cudaErrorInvalidMemcpyDirection, "9");
  EXPECT_REFUSED(cudaMemcpy(block.bytes() + 4, block.at, 8, cudaMemcpyDeviceToDevice), cudaErrorInvalidValue,
                 "overlap");
  EXPECT_REFUSED(cudaMemsetAsync(host, 0, 8, nullptr), cudaErrorInvalidValue, "host memory");
  EXPECT_REFUSED(cudaMemsetAsync(block.at, 0, 17, nullptr), cudaErrorInvalidValue, "has 16");
}

TEST_F(Memory, KnowsWhatWasFreed) {
  void* gone = nullptr;
  int host = 0;
  ASSERT_EQ(cudaMalloc(&gone, 64), cudaSuccess);
  EXPECT_REFUSED(cudaFree(static_cast<std::byte*>(gone) + 16), cudaErrorInvalidValue, "16 bytes inside");
  EXPECT_EQ(cudaFree(gone), cudaSuccess);
  EXPECT_REFUSED(cudaFree(gone), cudaErrorInvalidValue, "freed before");
  EXPECT_REFUSED(cudaMemcpy(gone, &host, 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue, "freed before");
  EXPECT_REFUSED(cudaFree(&host), cudaErrorInvalidValue, "no device memory");
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
}

TEST_F(Memory, RunsOut) {
  size_t free = 0, total = 0;
  ASSERT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  EXPECT_EQ(free, total);
  const Block most(total - 100);
  void* more = &free;
  EXPECT_REFUSED(cudaMalloc(&more, 101), cudaErrorMemoryAllocation, "100 of");
  EXPECT_EQ(more, nullptr);
  ASSERT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  EXPECT_EQ(free, 100u);
}

// Pageable memory is read before the call returns, page-locked memory when the stream gets there.
TEST_F(Memory, SourcesAreReadWhenTheDriverReadsThem) {
  const TestStream s;
  const Block block(8);
  Pinned pinned(4);
  int pageable = 1, back[2] = {};
  pinned.word() = 1;
  ASSERT_EQ(cudaMemcpyAsync(block.at, &pageable, 4, cudaMemcpyHostToDevice, s.stream), cudaSuccess);
  ASSERT_EQ(cudaMemcpyAsync(block.bytes() + 4, pinned.at, 4, cudaMemcpyHostToDevice, s.stream), cudaSuccess);
  pageable = pinned.word() = 2;  // too early for the page-locked one
  ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
  ASSERT_EQ(cudaMemcpy(back, block.at, 8, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(back[0], 1);
  EXPECT_EQ(back[1], 2);
}

TEST_F(Memory, PinnedResultsAreThereAfterWaitingAndNotBefore) {
  const TestStream s;
  const Block block(4);
  Pinned result(4);
  ASSERT_EQ(cudaMemset(block.at, 5, 4), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  result.word() = 0x05050505;  // even what was right before is gone
  ASSERT_EQ(cudaMemcpyAsync(result.at, block.at, 4, cudaMemcpyDeviceToHost, s.stream), cudaSuccess);
  EXPECT_NE(result.word(), 0x05050505);
  ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
  EXPECT_EQ(result.word(), 0x05050505);
}

TEST_F(Memory, APinnedBufferMayGoInAndComeBackOnOneStream) {
  const TestStream s;
  const Block block(4);
  Pinned both(4);
  both.word() = 11;
  ASSERT_EQ(cudaMemcpyAsync(block.at, both.at, 4, cudaMemcpyHostToDevice, s.stream), cudaSuccess);
  ASSERT_EQ(cudaMemcpyAsync(both.at, block.at, 4, cudaMemcpyDeviceToHost, s.stream), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
  EXPECT_EQ(both.word(), 11);
}

TEST_F(Memory, MappedPointers) {
  Pinned mapped(4, cudaHostAllocMapped), plain(4);
  void* device = nullptr;
  int host = 0;
  EXPECT_EQ(cudaHostGetDevicePointer(&device, mapped.at, 0), cudaSuccess);
  EXPECT_EQ(device, mapped.at);
  EXPECT_REFUSED(cudaHostGetDevicePointer(&device, plain.at, 0), cudaErrorInvalidValue,
                 "cudaHostAllocMapped");
  EXPECT_REFUSED(cudaHostGetDevicePointer(&device, &host, 0), cudaErrorInvalidValue, "page-locked");
  EXPECT_REFUSED(cudaFreeHost(&host), cudaErrorInvalidValue, "page-locked");
}

TEST_F(Memory, NothingComesToLieWherePinnedMemoryWasFreed) {
  const Block block(1 << 16);
  for (int i = 0; i < 50; ++i) {
    const Pinned pinned(1 << 16);
    ASSERT_NE(pinned.at, nullptr);
  }
  std::vector<std::vector<int>> ordinary(50, std::vector<int>(1 << 14));
  for (const auto& host : ordinary)
    EXPECT_EQ(cudaMemcpy(block.at, host.data(), 1 << 16, cudaMemcpyHostToDevice), cudaSuccess);
}

TEST_F(Memory, LeaksAreTold) {
  void *device = nullptr, *pinned = nullptr;
  ASSERT_EQ(cudaMalloc(&device, 100), cudaSuccess);
  ASSERT_EQ(cudaHostAlloc(&pinned, 50, 0), cudaSuccess);
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaEventCreate(&event), cudaSuccess);
  EXPECT_EQ(leaks().size(), 3u);
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
  EXPECT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(cudaFreeHost(pinned), cudaSuccess);
}

}  // namespace
}  // namespace breakeven::emu
