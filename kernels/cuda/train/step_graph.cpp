// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/step_graph.h"

#include <algorithm>
#include <exception>

#include "kernels/cuda/cuda_check.h"

namespace breakeven::cuda {
namespace {

/// Calls `enqueue` while the stream captures. The stream leaves its capture whatever happens.
cudaGraph_t capture(cudaStream_t stream, const std::function<void()>& enqueue) {
  // What other threads do meanwhile does not matter to this capture.
  check_cuda(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "beginning a capture");
  std::exception_ptr failure;
  try {
    enqueue();
  } catch (...) {
    failure = std::current_exception();
  }
  cudaGraph_t captured = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &captured);
  if (!failure) {
    check_cuda(ended, "ending a capture");
    return captured;
  }
  // Not every call that failed breaks the capture: there may be a graph, with a hole in it.
  if (captured) cudaGraphDestroy(captured);
  cudaGetLastError();  // the capture's end complains of the same
  std::rethrow_exception(failure);
}

}  // namespace

StepGraph::StepGraph(cudaStream_t stream, const std::function<void()>& enqueue) {
  const cudaGraph_t captured = capture(stream, enqueue);
  const cudaError_t made = cudaGraphInstantiate(&graph_, captured, 0);
  cudaGraphDestroy(captured);  // the executable one is a copy
  check_cuda(made, "making a graph executable");
}

StepGraph::~StepGraph() {
  if (graph_) cudaGraphExecDestroy(graph_);
}

void StepGraph::launch(cudaStream_t stream) const {
  check_cuda(cudaGraphLaunch(graph_, stream), "launching a graph");
}

void PassGraphs::run(Pass pass, const std::function<void()>& enqueue) {
  OfOneKind& kind = kinds_.at(static_cast<size_t>(pass));
  if (kind.launched && !kind.graph && refusal_.empty()) {
    try {
      kind.graph = std::make_unique<StepGraph>(stream_, enqueue);
    } catch (const std::exception& why) {
      refusal_ =
          why.what();  // whatever it was, a launch below meets it again unless capturing was the reason
    }
  }
  if (kind.graph && refusal_.empty()) return kind.graph->launch(stream_);
  enqueue();
  kind.launched = true;
}

bool PassGraphs::any_graph() const {
  return std::ranges::any_of(kinds_, [](const OfOneKind& kind) { return kind.graph != nullptr; });
}

std::string PassGraphs::words() const {
  if (refusal_.empty()) return any_graph() ? "CUDA graph" : "launches";
  return (any_graph() ? "CUDA graph, then launches (capture refused: " : "launches (capture refused: ") +
         refusal_ + ")";
}

}  // namespace breakeven::cuda
