// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What a graph of operations means, and which graphs there is an engine for.

#include "kernels/emu/dnn/graph.h"

#include <fmt/format.h>

#include "kernels/emu/runtime/failures.h"

namespace breakeven::emu {
namespace {

[[noreturn]] void mismatch(const std::string& why) { refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, why); }

struct Combination {
  cudnnDataType_t in, out, compute;
};

/// Operands, result, sums.
constexpr Combination kCombinations[] = {
    {CUDNN_DATA_DOUBLE, CUDNN_DATA_DOUBLE, CUDNN_DATA_DOUBLE},
    {CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT},
    {CUDNN_DATA_BFLOAT16, CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT},
    {CUDNN_DATA_HALF, CUDNN_DATA_HALF, CUDNN_DATA_FLOAT},
    {CUDNN_DATA_FP8_E4M3, CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT},
    {CUDNN_DATA_INT8, CUDNN_DATA_INT32, CUDNN_DATA_INT32},
};

void require_types(const DnnGraph& graph) {
  const DnnTensor& first = graph.computes == DnnResult::x ? graph.y : graph.x;
  const DnnTensor& second = graph.computes == DnnResult::w ? graph.y : graph.w;
  if (first.type != second.type) refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "operands of different types");
  const bool narrow = first.type == CUDNN_DATA_BFLOAT16 || first.type == CUDNN_DATA_HALF;
  const bool wide_sums = graph.result().type == CUDNN_DATA_FLOAT && graph.compute == CUDNN_DATA_FLOAT;
  if (graph.computes == DnnResult::w && narrow && wide_sums && !failing("no_wide_gradients")) return;
  for (const Combination& known : kCombinations) {
    if (known.in == first.type && known.out == graph.result().type && known.compute == graph.compute) return;
  }
  refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
         fmt::format("no engine for operands of type {}, a result of type {} and sums of type {}",
                     static_cast<int>(first.type), static_cast<int>(graph.result().type),
                     static_cast<int>(graph.compute)));
}

/// 8-bit operands: forward alone, channels in whole vectors.
void require_narrow(const DnnGraph& graph) {
  if (graph.x.type != CUDNN_DATA_INT8 && graph.x.type != CUDNN_DATA_FP8_E4M3) return;
  const int64_t vector = graph.x.type == CUDNN_DATA_INT8 ? 4 : 16;
  if (graph.computes != DnnResult::y)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "no gradients of 8-bit operands");
  if (graph.x.extents[1] % vector != 0 || graph.w.extents[0] % vector != 0 ||
      graph.x.extents[1] != graph.w.extents[1])
    refuse(CUDNN_STATUS_NOT_SUPPORTED_SHAPE,
           fmt::format("8-bit channels come in whole vectors of {} and in one group", vector));
  if (graph.x.strides[1] != 1)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "8-bit operands come with channels innermost");
}

/// Of `operation`, one of the three kinds.
struct Names {
  DnnResult computes;
  cudnnBackendAttributeName_t description, x, w, y, alpha, beta;
};

Names names_of(const DnnDescriptor& operation) {
  switch (operation.kind) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return {DnnResult::y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return {DnnResult::x,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return {DnnResult::w,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
    default:
      refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "a graph begins with a convolution");
  }
}

/// Doubles where sums are doubles, floats elsewhere.
double scalar(const DnnDescriptor& operation, cudnnBackendAttributeName_t name, cudnnDataType_t compute) {
  const bool wide = operation.attributes.at(name).type == CUDNN_TYPE_DOUBLE;
  if (wide != (compute == CUDNN_DATA_DOUBLE))
    refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "alpha or beta is not of the type that goes with the sums");
  return wide ? operation.value<double>(name) : operation.value<float>(name);
}

std::array<int64_t, 2> pair_of(const DnnDescriptor& convolution, cudnnBackendAttributeName_t name) {
  const auto values = convolution.values<int64_t>(name);
  if (values.size() != 2) refuse(CUDNN_STATUS_NOT_SUPPORTED, "two dimensions are known here");
  return {values[0], values[1]};
}

cudnnPointwiseMode_t mode_of(const DnnDescriptor& operation) {
  if (operation.kind != CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN,
           "a convolution is followed by pointwise operations only");
  return operation.part(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)
      .value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE);
}

void require_link(const DnnTensor& from, const DnnTensor& to) {
  if (from.uid != to.uid || !from.is_virtual || !to.is_virtual)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "operations are joined by one virtual tensor");
}

/// convolution -> add bias -> ReLU.
void fuse(DnnGraph& graph, const DnnDescriptor& add, const DnnDescriptor& relu) {
  if (graph.computes != DnnResult::y || graph.compute == CUDNN_DATA_DOUBLE ||
      mode_of(add) != CUDNN_POINTWISE_ADD || mode_of(relu) != CUDNN_POINTWISE_RELU_FWD)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "no engine does these operations at once");
  require_link(graph.y, tensor_of(add.part(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)));
  require_link(tensor_of(add.part(CUDNN_ATTR_OPERATION_POINTWISE_YDESC)),
               tensor_of(relu.part(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)));
  graph.bias = tensor_of(add.part(CUDNN_ATTR_OPERATION_POINTWISE_BDESC));
  graph.fused_y = tensor_of(relu.part(CUDNN_ATTR_OPERATION_POINTWISE_YDESC));
  if (graph.bias->elements() != graph.y.extents[1] || graph.bias->extents[1] != graph.y.extents[1])
    refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "a bias has one element a channel");
}

}  // namespace

int64_t element_bytes(cudnnDataType_t type) {
  switch (type) {
    case CUDNN_DATA_DOUBLE:
      return 8;
    case CUDNN_DATA_FLOAT:
    case CUDNN_DATA_INT32:
      return 4;
    case CUDNN_DATA_HALF:
    case CUDNN_DATA_BFLOAT16:
      return 2;
    case CUDNN_DATA_INT8:
    case CUDNN_DATA_FP8_E4M3:
      return 1;
    default:
      refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
             fmt::format("elements of type {} are not known here", static_cast<int>(type)));
  }
}

int64_t DnnTensor::bytes() const {
  return (offset(extents[0] - 1, extents[1] - 1, extents[2] - 1, extents[3] - 1) + 1) * element_bytes(type);
}

DnnTensor tensor_of(const DnnDescriptor& d) {
  const auto extents = d.values<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto strides = d.values<int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  if (d.kind != CUDNN_BACKEND_TENSOR_DESCRIPTOR)
    refuse(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a tensor is wanted there");
  if (extents.size() != 4) refuse(CUDNN_STATUS_NOT_SUPPORTED, "four dimensions are known here");
  DnnTensor tensor;
  tensor.type = d.value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE);
  for (size_t i = 0; i < 4; ++i) {
    tensor.extents[i] = extents[i];
    tensor.strides[i] = strides[i];
  }
  tensor.uid = d.value<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID);
  tensor.alignment = d.value<int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  tensor.is_virtual = d.value<bool>(CUDNN_ATTR_TENSOR_IS_VIRTUAL);
  return tensor;
}

std::vector<DnnTensor> DnnGraph::in_memory() const {
  std::vector<DnnTensor> list;
  if (computes != DnnResult::x) list.push_back(x);
  if (computes != DnnResult::w) list.push_back(w);
  if (computes != DnnResult::y) list.push_back(y);
  if (bias) list.push_back(*bias);
  list.push_back(result());
  return list;
}

DnnGraph convolution_of(const DnnDescriptor& operation) {
  const Names names = names_of(operation);
  const DnnDescriptor& convolution = operation.part(names.description);
  if (convolution.kind != CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
    refuse(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a convolution is wanted there");
  if (convolution.value<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) != CUDNN_CROSS_CORRELATION)
    refuse(CUDNN_STATUS_NOT_SUPPORTED, "cross-correlation alone is known here");
  DnnGraph graph;
  graph.computes = names.computes;
  graph.x = tensor_of(operation.part(names.x));
  graph.w = tensor_of(operation.part(names.w));
  graph.y = tensor_of(operation.part(names.y));
  graph.compute = convolution.value<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE);
  graph.padding = pair_of(convolution, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS);
  if (graph.padding != pair_of(convolution, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS))
    refuse(CUDNN_STATUS_NOT_SUPPORTED, "padding is the same on both sides here");
  graph.stride = pair_of(convolution, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES);
  graph.dilation = pair_of(convolution, CUDNN_ATTR_CONVOLUTION_DILATIONS);
  graph.alpha = scalar(operation, names.alpha, graph.compute);
  graph.beta = scalar(operation, names.beta, graph.compute);
  return graph;
}

void require_matching(const DnnGraph& graph) {
  const auto &x = graph.x.extents, &w = graph.w.extents, &y = graph.y.extents;
  if (x[0] != y[0]) mismatch("x and y hold different numbers of images");
  if (w[0] != y[1]) mismatch("y has another number of channels than there are filters");
  if (w[1] > x[1] || x[1] % w[1] != 0 || w[0] % (x[1] / w[1]) != 0)
    mismatch("channels do not divide into groups");
  for (size_t i = 0; i < 2; ++i) {
    const int64_t reach = x[i + 2] + 2 * graph.padding[i] - graph.dilation[i] * (w[i + 2] - 1) - 1;
    if (reach < 0 || y[i + 2] != reach / graph.stride[i] + 1)
      mismatch(fmt::format("y has {} places in dimension {}, which follows from nothing", y[i + 2], i + 2));
  }
}

DnnGraph graph_of(const DnnDescriptor& d) {
  const std::vector<DnnPart>& operations = d.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).parts;
  DnnGraph graph = convolution_of(*operations.front());
  if (operations.size() == 3) {
    fuse(graph, *operations[1], *operations[2]);
  } else if (operations.size() != 1) {
    refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "no engine for this many operations");
  }
  require_types(graph);
  require_narrow(graph);
  for (const DnnTensor& tensor : graph.in_memory()) {
    if (tensor.is_virtual)
      refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "what goes in and comes out is not virtual");
  }
  return graph;
}

}  // namespace breakeven::emu
