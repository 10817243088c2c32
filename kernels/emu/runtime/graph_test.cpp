// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Graphs do what was captured, as often as they are launched.

#include <string>
#include <vector>

#include "kernels/emu/runtime/graph_fixture.h"

namespace breakeven::emu {
namespace {

using GraphLaunches = Graphs;

TEST_F(GraphLaunches, RunWhenLaunchedAsOftenAsLaunchedAndInOrder) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    const TestStream s;
    std::string ran;
    const auto put = [&](char c) { ASSERT_EQ(enqueue(s.stream, [&ran, c] { ran += c; }), cudaSuccess); };
    put('a');
    const cudaGraphExec_t graph = captured(s.stream, [&] { put('b'), put('c'); });
    ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
    EXPECT_EQ(ran, "a");  // recorded, not run
    ASSERT_EQ(cudaGraphLaunch(graph, s.stream), cudaSuccess);
    put('d');
    ASSERT_EQ(cudaGraphLaunch(graph, s.stream), cudaSuccess);
    ASSERT_EQ(cudaGraphExecDestroy(graph), cudaSuccess);  // what was launched is done all the same
    ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
    EXPECT_EQ(ran, "abcdbc");
  }
  set_seed(0);
}

TEST_F(GraphLaunches, CopyAndFillWhatIsThereAtTheirLaunch) {
  const TestStream s;
  const Block from(4), to(4);
  int value = 0;
  const cudaGraphExec_t graph = captured(s.stream, [&] {
    ASSERT_EQ(cudaMemcpyAsync(to.at, from.at, 4, cudaMemcpyDeviceToDevice, s.stream), cudaSuccess);
    ASSERT_EQ(cudaMemsetAsync(from.at, 1, 4, s.stream), cudaSuccess);
  });
  ASSERT_EQ(cudaMemset(from.at, 7, 4), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  for (const int wanted : {0x07070707, 0x01010101}) {
    ASSERT_EQ(cudaGraphLaunch(graph, s.stream), cudaSuccess);
    ASSERT_EQ(cudaMemcpyAsync(&value, to.at, 4, cudaMemcpyDeviceToHost, s.stream), cudaSuccess);
    EXPECT_EQ(value, wanted);
  }
  EXPECT_EQ(cudaGraphExecDestroy(graph), cudaSuccess);
}

TEST_F(GraphLaunches, HoldOthers) {
  const TestStream s;
  std::string ran;
  const cudaGraphExec_t inner =
      captured(s.stream, [&] { ASSERT_EQ(enqueue(s.stream, [&] { ran += 'i'; }), cudaSuccess); });
  const cudaGraphExec_t outer = captured(s.stream, [&] {
    ASSERT_EQ(enqueue(s.stream, [&] { ran += 'o'; }), cudaSuccess);
    ASSERT_EQ(cudaGraphLaunch(inner, s.stream), cudaSuccess);
  });
  for (int i = 0; i < 2; ++i) ASSERT_EQ(cudaGraphLaunch(outer, s.stream), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(s.stream), cudaSuccess);
  EXPECT_EQ(ran, "oioi");
  for (cudaGraphExec_t graph : {inner, outer}) EXPECT_EQ(cudaGraphExecDestroy(graph), cudaSuccess);
}

TEST_F(GraphLaunches, BelongToOneDevice) {
  const TestStream first;
  const cudaGraphExec_t graph = captured(first.stream, [] {});
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  {
    const TestStream second;
    EXPECT_REFUSED(cudaGraphLaunch(graph, second.stream), cudaErrorNotSupported, "captured on device 0");
  }
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaGraphExecDestroy(graph), cudaSuccess);
}

TEST_F(GraphLaunches, DieOfMemoryThatWasFreedSinceTheirCapture) {
  const TestStream s;
  cudaGraphExec_t graph = nullptr;
  {
    const Block block(4);
    graph = captured(s.stream, [&] { ASSERT_EQ(cudaMemsetAsync(block.at, 0, 4, s.stream), cudaSuccess); });
  }
  ASSERT_EQ(cudaGraphLaunch(graph, s.stream), cudaSuccess);
  EXPECT_REFUSED(cudaStreamSynchronize(s.stream), cudaErrorLaunchFailure, "freed before");
  reset_runtime();
}

TEST_F(GraphLaunches, AreMissedWhereTheyAreLeft) {
  const TestStream s;
  const std::vector<std::string> before = leaks();
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(begin_capture(s.stream), cudaSuccess);
  ASSERT_EQ(cudaStreamEndCapture(s.stream, &graph), cudaSuccess);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  std::vector<std::string> more = before;
  more.emplace_back("a graph of device 0 was never destroyed");
  more.emplace_back("an executable graph of device 0 was never destroyed");
  EXPECT_EQ(leaks(), more);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(leaks(), before);
}

}  // namespace
}  // namespace breakeven::emu
