// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/cudnn_graph.h"

namespace breakeven::cuda {

/// An engine, set up for one graph and ready to run.
struct CudnnPlan {
  CudnnDescriptor plan;
  std::string words;  // "engine 38, knobs 2=5 13=1, notes tensor core": the numbers of cudnn_graph.h
  int64_t workspace = 0;
  int rank = 0;  // in the heuristics' order, from 0
};

/// The engine configurations that the heuristics name for a graph, each once: mode A's order, then mode B's,
/// then the fallbacks. Those whose arithmetic the precision does not allow are left out.
class CudnnEngines {
 public:
  CudnnEngines(const Cudnn&, cudnnHandle_t, const CudnnConvGraph&, Precision);
  size_t count() const { return configurations_.size(); }
  /// Throws Unsupported when the engine refuses its graph, or wants more workspace than `most_workspace`.
  CudnnPlan plan(size_t rank, int64_t most_workspace) const;
  /// Why none is left, in words.
  std::string absence() const;

 private:
  struct Configuration {
    CudnnDescriptor configuration;
    std::string words;
  };
  void ask(cudnnBackendHeurMode_t, const CudnnConvGraph&, Precision);

  const Cudnn& dnn_;
  cudnnHandle_t handle_;
  std::vector<Configuration> configurations_;
  int unwanted_ = 0;          // left out for their arithmetic
  std::string last_failure_;  // of a heuristic
};

}  // namespace breakeven::cuda
