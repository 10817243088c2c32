// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/cuda/conv_job.h"
#include "kernels/cuda/cudnn_descriptor.h"

namespace breakeven::cuda {

/// A convolution as a graph of cuDNN's operations:
///
///     x, w -> convolution -> y                                      (dy, w -> dx and x, dy -> dw alike)
///     x, w -> convolution -> sum -> add <- bias; -> biased -> relu -> y    with bias_relu
///
/// `sum` and `biased` are virtual: they never reach memory, so an engine must do all three at once, or none
/// offers itself. Extents are given as [n, c, h, w] whatever lies where; NHWC is in the strides. Groups are
/// not named anywhere: the filter has c / groups channels, and cuDNN divides.
class CudnnConvGraph {
 public:
  /// Throws Unsupported with the library's words for types or extents that it does not take. `sums`: the
  /// result is as wide as the sums are, whatever the precision has.
  enum class Result : uint8_t { of_precision, sums };
  CudnnConvGraph(const Cudnn&, cudnnHandle_t, const Conv2d&, Result = Result::of_precision);
  const CudnnDescriptor& graph() const { return graph_; }
  /// The pointers of one slot, for plans of this graph.
  CudnnDescriptor pack(const ConvArguments&, void* workspace) const;

 private:
  const Cudnn& dnn_;
  Conv2d conv_;
  std::vector<CudnnDescriptor> parts_;  // what the graph refers to
  CudnnDescriptor graph_;
};

}  // namespace breakeven::cuda
