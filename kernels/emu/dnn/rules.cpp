// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What is asked of a descriptor when it is finalised.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kernels/emu/dnn/graph.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

[[noreturn]] void contradiction(const std::string& why) { refuse(CUDNN_STATUS_BAD_PARAM, why); }

void require_positive(const char* what, const std::vector<int64_t>& values, int64_t least) {
  if (std::ranges::any_of(values, [&](int64_t value) { return value < least; }))
    contradiction(fmt::format("{} below {}", what, least));
}

void complete_tensor(const DnnDescriptor& d) {
  const auto extents = d.values<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto strides = d.values<int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  if (extents.size() != strides.size())
    contradiction(fmt::format("{} extents and {} strides", extents.size(), strides.size()));
  require_positive("an extent is", extents, 1);
  require_positive("a stride is", strides, 1);
  const auto alignment = d.value<int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  if (alignment <= 0 || alignment % element_bytes(d.value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE)) != 0)
    contradiction(fmt::format("an alignment of {} bytes is no multiple of the element's", alignment));
}

void complete_convolution(const DnnDescriptor& d) {
  const auto dims = static_cast<size_t>(d.value<int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS));
  const auto list = [&](cudnnBackendAttributeName_t name, int64_t least) {
    const auto values = d.values<int64_t>(name);
    if (values.size() != dims)
      contradiction(fmt::format("attribute {} has {} values for {} dimensions", static_cast<int>(name),
                                values.size(), dims));
    require_positive("a padding, stride or dilation is", values, least);
  };
  list(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 0);
  list(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, 0);
  list(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 1);
  list(CUDNN_ATTR_CONVOLUTION_DILATIONS, 1);
}

bool fits(const DnnTensor& small, const DnnTensor& into) {
  for (size_t i = 0; i < 4; ++i) {
    if (small.extents[i] != into.extents[i] && small.extents[i] != 1) return false;
  }
  return true;
}

void complete_pointwise_of(const DnnDescriptor& d) {
  const auto mode = d.part(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)
                        .value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE);
  if (mode != CUDNN_POINTWISE_ADD && mode != CUDNN_POINTWISE_RELU_FWD)
    refuse(CUDNN_STATUS_NOT_SUPPORTED,
           fmt::format("pointwise mode {} is not known here", static_cast<int>(mode)));
  const DnnTensor x = tensor_of(d.part(CUDNN_ATTR_OPERATION_POINTWISE_XDESC));
  const DnnTensor y = tensor_of(d.part(CUDNN_ATTR_OPERATION_POINTWISE_YDESC));
  if (x.extents != y.extents)
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "x and y differ in their extents");
  const bool has_b = d.has(CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
  if (has_b != (mode == CUDNN_POINTWISE_ADD))
    contradiction("an addition has a second operand, and ReLU has none");
  if (has_b && !fits(tensor_of(d.part(CUDNN_ATTR_OPERATION_POINTWISE_BDESC)), x))
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH,
           "the second operand cannot be repeated to the extents of x");
}

void complete_heuristics(DnnDescriptor& d) {
  const auto mode = d.value<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE);
  d.put_parts(CUDNN_ATTR_ENGINEHEUR_RESULTS,
              engines_for(d.attributes.at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).parts[0], mode));
}

void complete_plan(DnnDescriptor& d) {
  living_dnn_handle(d.value<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE));
  const DnnDescriptor& configuration = d.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
  const DnnDescriptor& engine = configuration.part(CUDNN_ATTR_ENGINECFG_ENGINE);
  const auto which = static_cast<DnnEngine>(engine.value<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
  if (which == DnnEngine::refuses_graph)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "engine 0 takes no graph when it comes to it");
  const DnnGraph graph = graph_of(engine.part(CUDNN_ATTR_ENGINE_OPERATION_GRAPH));
  d.put<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, {workspace_of(graph, which)});
}

void complete_pack(const DnnDescriptor& d) {
  auto uids = d.values<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  if (uids.size() != d.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS).size())
    refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, "not a pointer for each tensor");
  std::ranges::sort(uids);
  if (std::ranges::adjacent_find(uids) != uids.end())
    refuse(CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES, "a tensor has two pointers");
}

}  // namespace

void complete(DnnDescriptor& d) {
  switch (d.kind) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      return complete_tensor(d);
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
      return complete_convolution(d);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return require_matching(convolution_of(d));
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      return complete_pointwise_of(d);
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      return complete_heuristics(d);
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      return complete_plan(d);
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return complete_pack(d);
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
    case CUDNN_BACKEND_POINTWISE_DESCRIPTOR:
      return;
    default:
      contradiction("descriptors of this kind are filled by the library");
  }
}

}  // namespace breakeven::emu
