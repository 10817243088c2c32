// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What may not be done while a stream captures is refused and breaks the capture.

#include <thread>
#include <vector>

#include "kernels/emu/runtime/graph_fixture.h"

namespace breakeven::emu {
namespace {

using Captures = Graphs;

TEST_F(Captures, BeginAndEndOnce) {
  const TestStream s;
  cudaGraph_t graph = nullptr;
  EXPECT_REFUSED(cudaStreamEndCapture(s.stream, &graph), cudaErrorIllegalState, "does not capture");
  EXPECT_REFUSED(begin_capture(nullptr), cudaErrorStreamCaptureUnsupported, "legacy stream");
  EXPECT_REFUSED(cudaStreamBeginCapture(s.stream, cudaStreamCaptureModeGlobal), cudaErrorNotSupported,
                 "thread-local");
  EXPECT_REFUSED(cudaStreamBeginCapture(s.stream, static_cast<cudaStreamCaptureMode>(7)),
                 cudaErrorInvalidValue, "mode 7");
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  EXPECT_REFUSED(begin_capture(s.stream), cudaErrorIllegalState, "captures already");
  EXPECT_REFUSED(cudaStreamEndCapture(s.stream, nullptr), cudaErrorInvalidValue, "no place");
  std::thread([&] {
    EXPECT_REFUSED(cudaStreamEndCapture(s.stream, &graph), cudaErrorStreamCaptureWrongThread,
                   "another thread");
  }).join();
  ASSERT_EQ(cudaStreamEndCapture(s.stream, &graph), cudaSuccess);  // an empty one
  cudaGraphExec_t executable = nullptr;
  EXPECT_REFUSED(cudaGraphInstantiate(nullptr, graph, 0), cudaErrorInvalidValue, "no place");
  EXPECT_REFUSED(cudaGraphInstantiate(&executable, graph, cudaGraphInstantiateFlagUpload),
                 cudaErrorInvalidValue, "no flags");
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_REFUSED(cudaGraphInstantiate(&executable, graph, 0), cudaErrorInvalidResourceHandle,
                 "destroyed before");
  EXPECT_REFUSED(cudaGraphLaunch(nullptr, s.stream), cudaErrorInvalidResourceHandle, "is null");
}

TEST_F(Captures, BreakOfWaitingAllocatingAndFreeing) {
  const TestStream s, other;
  const Block block(4);
  const Pinned pinned(4);
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaEventCreate(&event), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(event, other.stream), cudaSuccess);
  void* made = nullptr;
  int value = 0;
  const std::vector<std::function<cudaError_t()>> forbidden{
      [&] { return cudaMalloc(&made, 4); },
      [&] { return cudaFree(block.at); },
      [&] { return cudaHostAlloc(&made, 4, cudaHostAllocDefault); },
      [&] { return cudaFreeHost(pinned.at); },
      [&] { return cudaMemcpy(&value, block.at, 4, cudaMemcpyDeviceToHost); },
      [&] { return cudaMemset(block.at, 0, 4); },
      [&] { return cudaDeviceSynchronize(); },
      [&] { return cudaStreamSynchronize(s.stream); },
      [&] { return cudaStreamSynchronize(other.stream); },
      [&] { return cudaStreamQuery(s.stream); },
      [&] { return cudaStreamDestroy(s.stream); },
      [&] { return cudaEventSynchronize(event); },
      [&] { return cudaEventQuery(event); },
      [&] { return cudaMemcpyAsync(block.at, &value, 4, cudaMemcpyHostToDevice, s.stream); },
      [&] { return cudaMemcpyAsync(&value, block.at, 4, cudaMemcpyDeviceToHost, s.stream); },
  };
  for (size_t i = 0; i < forbidden.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
    ASSERT_EQ(enqueue(s.stream, [] { FAIL() << "of a broken capture"; }), cudaSuccess);
    EXPECT_REFUSED(forbidden[i](), cudaErrorStreamCaptureUnsupported, "captur");
    expect_broken(s.stream);
  }
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(Captures, LetOtherThreadsAllocateButNotAskForWhatCaptures) {
  const TestStream s;
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  std::thread([&] {
    const Block block(4);
    const TestStream of_its_own;
    EXPECT_EQ(cudaStreamSynchronize(of_its_own.stream), cudaSuccess);
  }).join();
  EXPECT_EQ(enqueue(s.stream, [] {}), cudaSuccess);
  std::thread([&] {
    EXPECT_REFUSED(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported, "of the device captures");
  }).join();
  expect_broken(s.stream);
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  std::thread([&] {
    EXPECT_REFUSED(cudaStreamSynchronize(s.stream), cudaErrorStreamCaptureUnsupported, "stream captures");
  }).join();
  expect_broken(s.stream);
}

TEST_F(Captures, AreNotWaitedForByTheLegacyStream) {
  const TestStream free, blocking(cudaStreamDefault);
  cudaGraph_t graph = nullptr;
  ASSERT_EQ(begin_capture(free.stream), cudaSuccess);
  EXPECT_EQ(enqueue(nullptr, [] {}), cudaSuccess);
  ASSERT_EQ(cudaStreamEndCapture(free.stream, &graph), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  ASSERT_EQ(begin_capture(blocking.stream), cudaSuccess);
  EXPECT_REFUSED(enqueue(nullptr, [] {}), cudaErrorStreamCaptureImplicit, "legacy stream");
  expect_broken(blocking.stream);
}

TEST_F(Captures, HaveNoEventsNorPageLockedMemory) {
  const TestStream s;
  const Block block(4);
  const Pinned pinned(4);
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaEventCreate(&event), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(event, s.stream), cudaSuccess);
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  EXPECT_REFUSED(cudaStreamWaitEvent(s.stream, event, 0), cudaErrorStreamCaptureIsolation, "outside");
  expect_broken(s.stream);
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  EXPECT_REFUSED(cudaEventRecord(event, s.stream), cudaErrorNotSupported, "no events");
  expect_broken(s.stream);
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  EXPECT_REFUSED(cudaMemcpyAsync(block.at, pinned.at, 4, cudaMemcpyHostToDevice, s.stream),
                 cudaErrorNotSupported, "host memory");
  expect_broken(s.stream);
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(Captures, AreRefusedWhereATestAsksForIt) {
  const TestStream s;
  setenv("BREAKEVEN_EMU_FAIL", "no_capture:sum", 1);
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  EXPECT_EQ(enqueue(
                s.stream, [] {}, "max"),
            cudaSuccess);
  EXPECT_REFUSED(enqueue(
                     s.stream, [] {}, "a sum"),
                 cudaErrorStreamCaptureUnsupported, "a sum cannot");
  expect_broken(s.stream);
  setenv("BREAKEVEN_EMU_FAIL", "no_graph", 1);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  ASSERT_EQ(cudaStreamEndCapture(s.stream, &graph), cudaSuccess);
  EXPECT_REFUSED(cudaGraphInstantiate(&executable, graph, 0), cudaErrorNotSupported, "made executable");
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
}

}  // namespace
}  // namespace breakeven::emu
