// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <functional>

#include "kernels/emu/runtime/device_fixture.h"
#include "kernels/emu/runtime/queue.h"

namespace breakeven::emu {

inline cudaError_t begin_capture(cudaStream_t stream) {
  return cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
}

/// What `enqueue` puts on the stream, ready to be launched.
inline cudaGraphExec_t captured(cudaStream_t stream, const std::function<void()>& enqueue) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  EXPECT_EQ(begin_capture(stream), cudaSuccess);
  enqueue();
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  EXPECT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);  // what was made of it lives on
  return executable;
}

/// The stream captures, and what has been done since broke it.
inline void expect_broken(cudaStream_t stream) {
  cudaGraph_t graph = reinterpret_cast<cudaGraph_t>(1);
  EXPECT_REFUSED(enqueue(stream, [] {}), cudaErrorStreamCaptureInvalidated, "broken before");
  EXPECT_REFUSED(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated, "capture broke");
  EXPECT_EQ(graph, nullptr);
  EXPECT_EQ(enqueue(stream, [] {}), cudaSuccess);  // as before the capture
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
}

struct Graphs : Device {
  void TearDown() override {
    unsetenv("BREAKEVEN_EMU_FAIL");
    Device::TearDown();
  }
};

}  // namespace breakeven::emu
