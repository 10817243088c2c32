// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/train/lowering.h"

namespace breakeven::cuda {

/// What a callable enqueues on a stream, recorded once and launched as one: a CUDA graph. The pointers and
/// sizes that it was recorded with stay what they were.
class StepGraph {
 public:
  /// Calls `enqueue`, which only enqueues, on `stream` alone; nothing of it runs yet. Where the runtime does
  /// not let it be captured: throws, with the stream as it was before and no error left behind.
  StepGraph(cudaStream_t stream, const std::function<void()>& enqueue);
  ~StepGraph();
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;
  void launch(cudaStream_t) const;

 private:
  cudaGraphExec_t graph_ = nullptr;
};

/// The passes of one executable. The first of each kind is launched kernel by kernel, because then modules
/// are loaded and libraries set up, which a capture forbids; the second is captured, and it and all later
/// ones are a graph. When a capture is refused, everything is launched kernel by kernel from then on.
class PassGraphs {
 public:
  explicit PassGraphs(cudaStream_t stream) : stream_(stream) {}
  /// `enqueue` enqueues the same for every pass of this kind.
  void run(Pass, const std::function<void()>& enqueue);
  /// How passes run, for the record.
  std::string words() const;

 private:
  struct OfOneKind {
    bool launched = false;
    std::unique_ptr<StepGraph> graph;
  };
  bool any_graph() const;

  cudaStream_t stream_;
  std::array<OfOneKind, 3> kinds_;  // by Pass
  std::string refusal_;             // empty: none
};

}  // namespace breakeven::cuda
