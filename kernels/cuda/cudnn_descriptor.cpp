// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cudnn_descriptor.h"

#include <fmt/format.h>

#include <algorithm>

namespace breakeven::cuda {
namespace {

/// For messages: what the numbers of cudnn_graph.h mean.
std::string_view words_for(cudnnBackendDescriptorType_t kind) {
  switch (kind) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      return "a tensor";
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
      return "a convolution";
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return "the convolution of tensors";
    case CUDNN_BACKEND_POINTWISE_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      return "a pointwise operation";
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      return "the graph";
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      return "the heuristics";
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      return "a plan";
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return "the pointers";
    default:
      return "a descriptor";
  }
}

void* created(const Cudnn& dnn, cudnnBackendDescriptorType_t kind) {
  cudnnBackendDescriptor_t descriptor = nullptr;
  dnn.check(dnn.descriptor_create(kind, &descriptor), fmt::format("creating {}", words_for(kind)));
  return descriptor;
}

}  // namespace

CudnnHandle cudnn_handle(const Cudnn& dnn, cudaStream_t stream) {
  cudnnHandle_t made = nullptr;
  dnn.check(dnn.create(&made), "creating a handle");
  CudnnHandle handle(made, {dnn.destroy});
  dnn.check(dnn.set_stream(made, stream), "choosing the stream");
  return handle;
}

CudnnDescriptor::CudnnDescriptor(const Cudnn& dnn, cudnnBackendDescriptorType_t kind)
    : dnn_(&dnn), made_(created(dnn, kind), {dnn.descriptor_destroy}), kind_(kind) {}

void CudnnDescriptor::set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                          const void* values) {
  const cudnnStatus_t status = dnn_->attribute_set(get(), name, type, count, values);
  if (status != CUDNN_STATUS_SUCCESS)
    dnn_->check(status, fmt::format("describing {}, attribute {}", words_for(kind_), static_cast<int>(name)));
}

void CudnnDescriptor::set_parts(cudnnBackendAttributeName_t name,
                                const std::vector<cudnnBackendDescriptor_t>& parts) {
  set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<int64_t>(parts.size()), parts.data());
}

void CudnnDescriptor::finalize() {
  const cudnnStatus_t status = dnn_->finalize(get());
  if (status != CUDNN_STATUS_SUCCESS) dnn_->check(status, fmt::format("completing {}", words_for(kind_)));
}

int64_t CudnnDescriptor::get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t most,
                             void* values) const {
  int64_t written = 0;
  const cudnnStatus_t status = dnn_->attribute_get(get(), name, type, most, &written, values);
  if (status != CUDNN_STATUS_SUCCESS)
    dnn_->check(status, fmt::format("reading {}, attribute {}", words_for(kind_), static_cast<int>(name)));
  return most == 0 ? written : std::min(written, most);
}

std::vector<CudnnDescriptor> CudnnDescriptor::parts(cudnnBackendAttributeName_t name,
                                                    cudnnBackendDescriptorType_t kind, int64_t most) const {
  std::vector<CudnnDescriptor> list;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (int64_t i = 0; i < most; ++i) raw.push_back(list.emplace_back(*dnn_, kind).get());
  const int64_t filled = get(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, raw.data());
  list.erase(list.begin() + filled, list.end());
  return list;
}

}  // namespace breakeven::cuda
