// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "kernels/emu/dnn/descriptor.h"

namespace breakeven::emu {

/// A tensor as it was described; extents and distances in elements, [n, c, h, w] (filter [k, c, r, s]).
struct DnnTensor {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::array<int64_t, 4> extents{}, strides{};
  int64_t uid = 0, alignment = 1;
  bool is_virtual = false;

  int64_t offset(int64_t i, int64_t j, int64_t k, int64_t l) const {
    return i * strides[0] + j * strides[1] + k * strides[2] + l * strides[3];
  }
  int64_t elements() const { return extents[0] * extents[1] * extents[2] * extents[3]; }
  /// From the first element to behind the last, in bytes.
  int64_t bytes() const;
};
/// Refuses what is not four-dimensional.
DnnTensor tensor_of(const DnnDescriptor&);
int64_t element_bytes(cudnnDataType_t);

/// Which of the three tensors of a convolution is computed from the other two.
enum class DnnResult : uint8_t { y, x, w };

/// What the stand-in can run: a convolution, alone or followed by a bias and ReLU.
struct DnnGraph {
  DnnResult computes = DnnResult::y;
  DnnTensor x, w, y;
  cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  std::array<int64_t, 2> padding{}, stride{}, dilation{};
  double alpha = 1, beta = 0;
  std::optional<DnnTensor> bias;  // with it the result is `fused_y`
  DnnTensor fused_y;

  const DnnTensor& result() const {
    if (bias) return fused_y;
    return computes == DnnResult::y ? y : computes == DnnResult::x ? x : w;
  }
  /// Those that need a pointer, the result last.
  std::vector<DnnTensor> in_memory() const;
};
/// Refuses with NOT_SUPPORTED what no engine of the stand-in runs. `graph` is complete.
DnnGraph graph_of(const DnnDescriptor& graph);
/// A convolution operation by itself.
DnnGraph convolution_of(const DnnDescriptor& operation);
/// Refuses extents that do not go together.
void require_matching(const DnnGraph&);

/// The stand-in's engines by their global index; each a trap for host code that does not look.
enum class DnnEngine : int64_t {
  refuses_graph,   // is named and cannot be completed
  refuses_to_run,  // can be completed, and fails when it runs
  tensor_cores,    // fp32: rounds operands to tf32, and says so
  rounds_sums,     // 16-bit: adds in the result's type, and says so
  split,           // two halves of each sum, which meet in the workspace
  straight,
  backwards,  // the same sums from their end
};
std::vector<DnnPart> engines_for(const DnnPart& graph, cudnnBackendHeurMode_t);
int64_t workspace_of(const DnnGraph&, DnnEngine);

}  // namespace breakeven::emu
