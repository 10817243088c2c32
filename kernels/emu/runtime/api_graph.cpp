// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Graphs: what a stream captured, launched as often as one likes.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

void require_mode(cudaStreamCaptureMode mode) {
  switch (mode) {
    case cudaStreamCaptureModeThreadLocal:
      return;
    case cudaStreamCaptureModeGlobal:
    case cudaStreamCaptureModeRelaxed:
      throw Error(cudaErrorNotSupported, "the emulator captures in thread-local mode and in no other");
  }
  throw Misuse(fmt::format("mode {} is none of a capture", static_cast<int>(mode)));
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return call("cudaStreamBeginCapture", [&](Runtime& runtime) {
    Queue& queue = runtime.queue(stream);
    require_mode(mode);
    if (queue.kind == QueueKind::legacy)
      throw Error(cudaErrorStreamCaptureUnsupported, "the legacy stream cannot capture");
    if (queue.capture) throw Error(cudaErrorIllegalState, "the stream captures already");
    queue.capture = Capture{std::this_thread::get_id(), {}, std::nullopt};
  });
}

/// Takes the stream out of its capture, broken or not; there is a graph of one that is not.
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* made) {
  return call("cudaStreamEndCapture", [&](Runtime& runtime) {
    if (!made) throw Misuse("no place for the graph");
    *made = nullptr;
    Queue& queue = runtime.queue(stream);
    if (!queue.capture) throw Error(cudaErrorIllegalState, "the stream does not capture");
    if (queue.capture->thread != std::this_thread::get_id())
      throw Error(cudaErrorStreamCaptureWrongThread, "another thread began the capture");
    Capture capture = std::move(*queue.capture);
    queue.capture.reset();
    if (capture.broken)
      throw Error(cudaErrorStreamCaptureInvalidated, fmt::format("the capture broke: {}", *capture.broken));
    *made = runtime.graphs.add(std::make_unique<Graph>(
        Graph{queue.gpu, std::make_shared<const std::vector<Operation>>(std::move(capture.recorded))}));
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long flags) {
  return call("cudaGraphInstantiate", [&](Runtime& runtime) {
    if (!made) throw Misuse("no place for the executable graph");
    *made = nullptr;
    const Graph& captured = runtime.graphs.get(graph);
    if (flags != 0) throw Misuse("the emulator knows no flags here");
    if (failing("no_graph")) {
      throw Error(cudaErrorNotSupported,
                  "the graph cannot be made executable (asked for by BREAKEVEN_EMU_FAIL)");
    }
    *made = runtime.executable_graphs.add(std::make_unique<Graph>(captured));
  });
}

/// In order, behind what is on the stream. Into a stream that captures, it is recorded like everything else.
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  return call("cudaGraphLaunch", [&](Runtime& runtime) {
    const Graph launched =
        runtime.executable_graphs.get(graph);  // kept while it waits, should it be destroyed
    Queue& queue = runtime.queue(stream);
    if (queue.gpu != launched.gpu) {
      throw Error(cudaErrorNotSupported,
                  fmt::format("the graph was captured on device {}, the stream belongs to {}: the emulator "
                              "launches no graph across devices",
                              launched.gpu, queue.gpu));
    }
    for (const Operation& one : *launched.operations)
      runtime.submit(
          queue, one.what, [kept = launched.operations, &one] { one.run(); }, one.begin);
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call("cudaGraphDestroy", [&](Runtime& runtime) { runtime.graphs.remove(graph); });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  return call("cudaGraphExecDestroy", [&](Runtime& runtime) { runtime.executable_graphs.remove(graph); });
}

}  // extern "C"
