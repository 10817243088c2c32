// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cudnn_graph.h"

namespace breakeven::cuda {
namespace {

/// Names of tensors, by which the variant pack finds their pointers.
enum Uid : int64_t { kFirst = 1, kSecond, kBias, kResult, kSum, kBiased };

constexpr int64_t kAlignment = 16;  // bytes; DeviceBuffer gives 256

enum class Memory : uint8_t { real, none };  // none: a virtual tensor

/// Of operands, of the result, and what sums are kept in, which is also the type of virtual tensors.
struct Types {
  cudnnDataType_t in, out, compute;
};

Types types(Precision precision) {
  switch (precision) {
    case Precision::fp64:
      return {CUDNN_DATA_DOUBLE, CUDNN_DATA_DOUBLE, CUDNN_DATA_DOUBLE};
    case Precision::fp32:
    case Precision::tf32:  // the same graph: engines differ (cudnn_engines.cpp)
      return {CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT};
    case Precision::bf16:
      return {CUDNN_DATA_BFLOAT16, CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT};
    case Precision::fp16:
      return {CUDNN_DATA_HALF, CUDNN_DATA_HALF, CUDNN_DATA_FLOAT};
    case Precision::fp8e4m3:
      return {CUDNN_DATA_FP8_E4M3, CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT};
    case Precision::int8:
      return {CUDNN_DATA_INT8, CUDNN_DATA_INT32, CUDNN_DATA_INT32};
    case Precision::u8:
      break;
  }
  throw Unsupported("u8 is not a precision of convolution");
}

/// `extents` as the array lies in memory, [n, h, w, c] dense; cuDNN's order is n, c, h, w.
CudnnDescriptor tensor(const Cudnn& dnn, Uid uid, cudnnDataType_t type, const std::vector<int64_t>& extents,
                       Memory memory) {
  const int64_t n = extents[0], h = extents[1], w = extents[2], c = extents[3];
  CudnnDescriptor made(dnn, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  made.set(CUDNN_ATTR_TENSOR_DATA_TYPE, {type});
  made.set<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, {n, c, h, w});
  made.set<int64_t>(CUDNN_ATTR_TENSOR_STRIDES, {h * w * c, 1, w * c, c});
  made.set<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID, {uid});
  made.set<int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {kAlignment});
  if (memory == Memory::none) made.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, {true});
  made.finalize();
  return made;
}

CudnnDescriptor convolution(const Cudnn& dnn, const Conv2d& conv) {
  CudnnDescriptor made(dnn, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  made.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, {types(conv.precision).compute});
  made.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, {CUDNN_CROSS_CORRELATION});
  made.set<int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, {2});
  made.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {conv.padding, conv.padding});
  made.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {conv.padding, conv.padding});
  made.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {conv.stride, conv.stride});
  made.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {conv.dilation, conv.dilation});
  made.finalize();
  return made;
}

/// The attributes of one direction, which are alike but for their numbers.
struct Slots {
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t description, first, second, result, alpha, beta;
};

Slots slots(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case Direction::backward_data:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case Direction::backward_weights:
      break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

/// result = 1 * convolution + 0 * result. The two are doubles when sums are, else floats, even for integers.
void set_scalars(CudnnDescriptor& operation, const Slots& slot, cudnnDataType_t compute) {
  if (compute == CUDNN_DATA_DOUBLE) {
    operation.set(slot.alpha, {1.0});
    operation.set(slot.beta, {0.0});
  } else {
    operation.set(slot.alpha, {1.0F});
    operation.set(slot.beta, {0.0F});
  }
}

/// Descriptors in the order in which they were made; `operations` are those that the graph is made of.
class Description {
 public:
  Description(const Cudnn& dnn, const Conv2d& conv, CudnnConvGraph::Result of)
      : dnn_(dnn), conv_(conv), types_(types(conv.precision)) {
    if (of == CudnnConvGraph::Result::sums) types_.out = types_.compute;
    parts.reserve(kMost);
    const CudnnDescriptor& result = fused() ? virtual_tensor(kSum) : real_result();
    convolve(result);
    if (!fused()) return;
    const CudnnDescriptor& biased = virtual_tensor(kBiased);
    const Element bias = conv_.bias_element();
    const CudnnDescriptor& bias_tensor =
        keep(tensor(dnn_, kBias, bias == Element::fp64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT,
                    {1, 1, 1, conv_.k}, Memory::real));
    pointwise(CUDNN_POINTWISE_ADD, result, &bias_tensor, biased);
    pointwise(CUDNN_POINTWISE_RELU_FWD, biased, nullptr, real_result());
  }
  std::vector<CudnnDescriptor> parts;
  std::vector<cudnnBackendDescriptor_t> operations;

 private:
  static constexpr size_t kMost = 16;  // references to parts stay good

  bool fused() const { return conv_.epilogue == Epilogue::bias_relu; }
  const CudnnDescriptor& keep(CudnnDescriptor part) { return parts.emplace_back(std::move(part)); }
  const CudnnDescriptor& real_result() {
    return keep(tensor(dnn_, kResult, types_.out, conv_.results()[0].extents, Memory::real));
  }
  const CudnnDescriptor& virtual_tensor(Uid uid) {
    return keep(tensor(dnn_, uid, types_.compute, conv_.y_extents(), Memory::none));
  }

  void convolve(const CudnnDescriptor& result) {
    const std::vector<ArrayShape> operands = conv_.operands();
    const Slots slot = slots(conv_.direction);
    CudnnDescriptor operation(dnn_, slot.operation);
    operation.set(slot.description, keep(convolution(dnn_, conv_)));
    operation.set(slot.first, keep(tensor(dnn_, kFirst, types_.in, operands[0].extents, Memory::real)));
    operation.set(slot.second, keep(tensor(dnn_, kSecond, types_.in, operands[1].extents, Memory::real)));
    operation.set(slot.result, result);
    set_scalars(operation, slot, types_.compute);
    operation.finalize();
    operations.push_back(keep(std::move(operation)).get());
  }

  void pointwise(cudnnPointwiseMode_t mode, const CudnnDescriptor& x, const CudnnDescriptor* b,
                 const CudnnDescriptor& y) {
    CudnnDescriptor description(dnn_, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    description.set(CUDNN_ATTR_POINTWISE_MODE, {mode});
    description.set(CUDNN_ATTR_POINTWISE_MATH_PREC, {types_.compute});
    description.finalize();
    CudnnDescriptor operation(dnn_, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, keep(std::move(description)));
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    operation.finalize();
    operations.push_back(keep(std::move(operation)).get());
  }

  const Cudnn& dnn_;
  const Conv2d& conv_;
  Types types_;
};

}  // namespace

CudnnConvGraph::CudnnConvGraph(const Cudnn& dnn, cudnnHandle_t handle, const Conv2d& conv, Result result)
    : dnn_(dnn), conv_(conv), graph_(dnn, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) {
  Description description(dnn, conv, result);
  graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, {handle});
  graph_.set_parts(CUDNN_ATTR_OPERATIONGRAPH_OPS, description.operations);
  graph_.finalize();
  parts_ = std::move(description.parts);
}

CudnnDescriptor CudnnConvGraph::pack(const ConvArguments& arguments, void* workspace) const {
  std::vector<int64_t> uids{kFirst, kSecond, kResult};
  std::vector<void*> pointers{const_cast<void*>(arguments.first), const_cast<void*>(arguments.second),
                              arguments.result};
  if (arguments.bias) {
    uids.push_back(kBias);
    pointers.push_back(const_cast<void*>(arguments.bias));
  }
  CudnnDescriptor made(dnn_, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  made.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const int64_t>(uids));
  made.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::span<void* const>(pointers));
  made.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, {workspace});
  made.finalize();
  return made;
}

}  // namespace breakeven::cuda
