// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/emu/fault.h"
#include "kernels/emu/runtime/device_fixture.h"
#include "kernels/emu/runtime/queue.h"

namespace breakeven::emu {
namespace {

using Streams = Device;

TEST_F(Streams, AreLazyAndInOrder) {
  const TestStream s;
  std::vector<int> ran;
  for (const int i : {1, 2, 3}) ASSERT_EQ(enqueue(s.stream, [&ran, i] { ran.push_back(i); }), cudaSuccess);
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(cudaStreamQuery(s.stream), cudaErrorNotReady);
  EXPECT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
  EXPECT_EQ(cudaStreamQuery(s.stream), cudaSuccess);
}

TEST_F(Streams, ASeedLetsWorkRunEarlyButNeverOutOfOrder) {
  bool early = false;
  for (uint64_t seed = 1; seed < 20; ++seed) {
    set_seed(seed);
    reset_runtime();
    const TestStream s;
    std::vector<int> ran;
    for (int i = 0; i < 8; ++i) ASSERT_EQ(enqueue(s.stream, [&ran, i] { ran.push_back(i); }), cudaSuccess);
    early |= !ran.empty();
    ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
    EXPECT_EQ(ran, (std::vector{0, 1, 2, 3, 4, 5, 6, 7}));
  }
  EXPECT_TRUE(early);
}

TEST_F(Streams, TheLegacyStreamAndBlockingStreamsWaitForEachOther) {
  const TestStream blocking(cudaStreamDefault), free;
  std::string ran;
  const auto put = [&](cudaStream_t s, char c) {
    ASSERT_EQ(enqueue(s, [&ran, c] { ran += c; }), cudaSuccess);
  };
  put(blocking.stream, 'a');
  put(free.stream, 'x');
  put(nullptr, 'b');
  put(blocking.stream, 'c');
  put(nullptr, 'd');
  ASSERT_EQ(cudaStreamSynchronize(nullptr), cudaSuccess);
  EXPECT_EQ(ran, "abcd");  // all but x, which waits for nobody
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  EXPECT_EQ(ran, "abcdx");
}

TEST_F(Streams, WaitForEvents) {
  const TestStream first, second;
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
  std::string ran;
  ASSERT_EQ(enqueue(first.stream, [&] { ran += 'a'; }), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(event, first.stream), cudaSuccess);
  ASSERT_EQ(enqueue(first.stream, [&] { ran += 'c'; }), cudaSuccess);
  ASSERT_EQ(cudaStreamWaitEvent(second.stream, event, 0), cudaSuccess);
  ASSERT_EQ(enqueue(second.stream, [&] { ran += 'b'; }), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(second.stream), cudaSuccess);
  EXPECT_EQ(ran, "ab");
  ASSERT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(Streams, EventsTellTime) {
  const TestStream s;
  cudaEvent_t start = nullptr, stop = nullptr, blind = nullptr;
  ASSERT_EQ(cudaEventCreate(&start), cudaSuccess);
  ASSERT_EQ(cudaEventCreate(&stop), cudaSuccess);
  ASSERT_EQ(cudaEventCreateWithFlags(&blind, cudaEventDisableTiming), cudaSuccess);
  float milliseconds = 0;
  EXPECT_REFUSED(cudaEventElapsedTime(&milliseconds, start, stop), cudaErrorInvalidResourceHandle,
                 "never recorded");
  EXPECT_EQ(cudaEventSynchronize(start), cudaSuccess);  // nothing to wait for
  ASSERT_EQ(cudaEventRecord(start, s.stream), cudaSuccess);
  ASSERT_EQ(enqueue(s.stream, [] {}), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(stop, s.stream), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(blind, s.stream), cudaSuccess);
  EXPECT_REFUSED(cudaEventElapsedTime(&milliseconds, start, stop), cudaErrorNotReady, "not waited for");
  EXPECT_EQ(cudaEventQuery(stop), cudaErrorNotReady);
  ASSERT_EQ(cudaEventSynchronize(stop), cudaSuccess);
  ASSERT_EQ(cudaEventElapsedTime(&milliseconds, start, stop), cudaSuccess);
  EXPECT_GT(milliseconds, 0);
  ASSERT_EQ(cudaEventSynchronize(blind), cudaSuccess);
  EXPECT_REFUSED(cudaEventElapsedTime(&milliseconds, start, blind), cudaErrorInvalidResourceHandle,
                 "no time");
  for (cudaEvent_t event : {start, stop, blind}) EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
  EXPECT_REFUSED(cudaEventRecord(start, s.stream), cudaErrorInvalidResourceHandle, "destroyed before");
}

TEST_F(Streams, HandlesAreKnownOrRefused) {
  cudaStream_t gone = nullptr;
  ASSERT_EQ(cudaStreamCreate(&gone), cudaSuccess);
  ASSERT_EQ(cudaStreamDestroy(gone), cudaSuccess);
  EXPECT_REFUSED(cudaStreamSynchronize(gone), cudaErrorInvalidResourceHandle, "destroyed before");
  EXPECT_REFUSED(enqueue(gone, [] {}), cudaErrorInvalidResourceHandle, "destroyed before");
  EXPECT_REFUSED(cudaStreamSynchronize(reinterpret_cast<cudaStream_t>(0x1234)),
                 cudaErrorInvalidResourceHandle, "none that was ever created");
}

TEST_F(Streams, BelongToOneDevice) {
  const TestStream first;
  const Block block(4);
  cudaEvent_t event = nullptr;
  int value = 7;
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  ASSERT_EQ(cudaEventCreate(&event), cudaSuccess);
  EXPECT_REFUSED(enqueue(first.stream, [] {}), cudaErrorInvalidResourceHandle, "belongs to device 0");
  EXPECT_REFUSED(cudaMemsetAsync(block.at, 0, 4, first.stream), cudaErrorInvalidResourceHandle, "device 0");
  EXPECT_REFUSED(cudaEventRecord(event, first.stream), cudaErrorInvalidResourceHandle, "device 1");
  // A copy may go through a stream of a device that is not current.
  EXPECT_EQ(cudaMemcpyAsync(block.at, &value, 4, cudaMemcpyHostToDevice, first.stream), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(first.stream), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
  EXPECT_REFUSED(cudaSetDevice(2), cudaErrorInvalidDevice, "2 of 2");
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
}

TEST_F(Streams, AFaultKillsItsDeviceForGood) {
  cudaStream_t s = nullptr;
  void* memory = nullptr;
  ASSERT_EQ(cudaStreamCreate(&s), cudaSuccess);
  ASSERT_EQ(enqueue(s, [] { throw Fault(FaultKind::out_of_bounds, "thread 3 wrote where nothing is"); }),
            cudaSuccess);
  bool ran = false;
  ASSERT_EQ(enqueue(s, [&] { ran = true; }), cudaSuccess);
  EXPECT_REFUSED(cudaStreamSynchronize(s), cudaErrorIllegalAddress, "thread 3 wrote where nothing is");
  EXPECT_FALSE(ran);
  EXPECT_REFUSED(cudaMalloc(&memory, 4), cudaErrorIllegalAddress, "thread 3");
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);  // not cleared by reading
  EXPECT_EQ(enqueue(nullptr, [] {}), cudaErrorIllegalAddress);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);  // the other one lives
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  cudaSetDevice(0);
  reset_runtime();
}

TEST_F(Streams, TheLastErrorIsReadOnce) {
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(cudaMalloc(nullptr, 4), cudaErrorInvalidValue);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);  // success does not clear it
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace breakeven::emu
