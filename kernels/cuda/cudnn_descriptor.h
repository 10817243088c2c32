// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cuda/cudnn_library.h"

namespace breakeven::cuda {

struct DestroyHandle {
  decltype(&cudnnDestroy) destroy;
  void operator()(cudnnHandle_t handle) const { destroy(handle); }
};
using CudnnHandle = std::unique_ptr<cudnnContext, DestroyHandle>;
/// On the calling thread's current device; everything runs on `stream`.
CudnnHandle cudnn_handle(const Cudnn&, cudaStream_t stream);

/// The enum that goes with a C++ type among the types of attributes. (Most kinds of attributes are enums of
/// their own; a mistaken one is refused by the library.)
template <class T>
constexpr cudnnBackendAttributeType_t attribute_type();
template <>
constexpr cudnnBackendAttributeType_t attribute_type<int64_t>() {
  return CUDNN_TYPE_INT64;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<float>() {
  return CUDNN_TYPE_FLOAT;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<double>() {
  return CUDNN_TYPE_DOUBLE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<bool>() {
  return CUDNN_TYPE_BOOLEAN;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<void*>() {
  return CUDNN_TYPE_VOID_PTR;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnHandle_t>() {
  return CUDNN_TYPE_HANDLE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnDataType_t>() {
  return CUDNN_TYPE_DATA_TYPE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnConvolutionMode_t>() {
  return CUDNN_TYPE_CONVOLUTION_MODE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnPointwiseMode_t>() {
  return CUDNN_TYPE_POINTWISE_MODE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendHeurMode_t>() {
  return CUDNN_TYPE_HEUR_MODE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendKnobType_t>() {
  return CUDNN_TYPE_KNOB_TYPE;
}
template <>
constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendNumericalNote_t>() {
  return CUDNN_TYPE_NUMERICAL_NOTE;
}

/// One of the graph API's descriptors: created, given attributes, finalised, then only read.
class CudnnDescriptor {
 public:
  CudnnDescriptor(const Cudnn&, cudnnBackendDescriptorType_t);
  cudnnBackendDescriptor_t get() const { return made_.get(); }

  template <class T>
  void set(cudnnBackendAttributeName_t name, std::span<const T> values) {
    set(name, attribute_type<T>(), static_cast<int64_t>(values.size()), values.data());
  }
  template <class T>
  void set(cudnnBackendAttributeName_t name, std::initializer_list<T> values) {
    set(name, std::span<const T>(values.begin(), values.size()));
  }
  void set(cudnnBackendAttributeName_t name, const CudnnDescriptor& part) { set_parts(name, {part.get()}); }
  void set_parts(cudnnBackendAttributeName_t name, const std::vector<cudnnBackendDescriptor_t>& parts);
  /// Throws Unsupported when the library cannot do what was described.
  void finalize();

  /// At most `most` values.
  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t name, int64_t most) const {
    std::vector<T> list(static_cast<size_t>(most));
    list.resize(static_cast<size_t>(get(name, attribute_type<T>(), most, list.data())));
    return list;
  }
  template <class T>
  T value(cudnnBackendAttributeName_t name) const {
    T one{};
    get(name, attribute_type<T>(), 1, &one);
    return one;
  }
  /// Descriptors that this one holds, at most `most`: the caller makes empty ones, and the library fills
  /// them.
  std::vector<CudnnDescriptor> parts(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t kind,
                                     int64_t most) const;
  /// How many there are of an attribute.
  int64_t count(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type) const {
    return get(name, type, 0, nullptr);
  }

 private:
  void set(cudnnBackendAttributeName_t, cudnnBackendAttributeType_t, int64_t count, const void* values);
  int64_t get(cudnnBackendAttributeName_t, cudnnBackendAttributeType_t, int64_t most, void* values) const;

  struct Destroy {
    decltype(&cudnnBackendDestroyDescriptor) destroy;
    void operator()(void* descriptor) const { destroy(descriptor); }
  };
  const Cudnn* dnn_;
  std::unique_ptr<void, Destroy> made_;
  cudnnBackendDescriptorType_t kind_;
};

}  // namespace breakeven::cuda
