// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cudnn_graph.h>

#include <initializer_list>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/emu/runtime/device_fixture.h"

namespace breakeven::emu {
inline std::string last_words() {
  char words[512] = {};
  cudnnGetLastErrorString(words, sizeof words);
  return words;
}

#define EXPECT_DNN_REFUSED(status, code, words)             \
  do {                                                      \
    const cudnnStatus_t got = (status);                     \
    const std::string said = last_words();                  \
    EXPECT_EQ(got, code) << said;                           \
    EXPECT_NE(said.find(words), std::string::npos) << said; \
  } while (false)

/// A descriptor that is destroyed with the scope.
struct Descriptor {
  explicit Descriptor(cudnnBackendDescriptorType_t kind) {
    EXPECT_EQ(cudnnBackendCreateDescriptor(kind, &at), CUDNN_STATUS_SUCCESS);
  }
  ~Descriptor() {
    if (at) cudnnBackendDestroyDescriptor(at);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  template <class T>
  cudnnStatus_t set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                    std::initializer_list<T> values) {
    return cudnnBackendSetAttribute(at, name, type, static_cast<int64_t>(values.size()), values.begin());
  }
  cudnnStatus_t numbers(cudnnBackendAttributeName_t name, std::initializer_list<int64_t> values) {
    return set(name, CUDNN_TYPE_INT64, values);
  }
  cudnnStatus_t part(cudnnBackendAttributeName_t name, const Descriptor& other) {
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, {other.at});
  }
  cudnnStatus_t finalize() { return cudnnBackendFinalize(at); }
  cudnnBackendDescriptor_t at = nullptr;
};

/// A tensor [n, c, h, w] whose channels are innermost.
struct TensorOf : Descriptor {
  TensorOf(int64_t uid, int64_t n, int64_t c, int64_t h, int64_t w, cudnnDataType_t type = CUDNN_DATA_FLOAT)
      : Descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR) {
    set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, {type});
    numbers(CUDNN_ATTR_TENSOR_DIMENSIONS, {n, c, h, w});
    numbers(CUDNN_ATTR_TENSOR_STRIDES, {h * w * c, 1, w * c, c});
    numbers(CUDNN_ATTR_TENSOR_UNIQUE_ID, {uid});
    numbers(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {16});
    EXPECT_EQ(finalize(), CUDNN_STATUS_SUCCESS) << last_words();
  }
};

/// y[1, 2, 3, 3] = x[1, 1, 4, 4] * w[2, 1, 2, 2] in fp32, x counting up from 0, w all ones and all twos.
struct Dnn : Device {
  void SetUp() override {
    Device::SetUp();
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    ASSERT_EQ(cudnnCreate(&handle), CUDNN_STATUS_SUCCESS);
    ASSERT_EQ(cudnnSetStream(handle, stream), CUDNN_STATUS_SUCCESS);
    for (void** memory : {&x, &w, &y, &workspace}) ASSERT_EQ(cudaMalloc(memory, 1024), cudaSuccess);
    std::vector<float> image(16), filters{1, 1, 1, 1, 2, 2, 2, 2};
    for (size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i);
    ASSERT_EQ(cudaMemcpy(x, image.data(), 64, cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaMemcpy(w, filters.data(), 32, cudaMemcpyHostToDevice), cudaSuccess);
    parts.emplace();
    describe();
  }
  void TearDown() override {
    parts.reset();
    for (void* memory : {x, w, y, workspace}) cudaFree(memory);
    if (handle) cudnnDestroy(handle);
    cudaStreamDestroy(stream);
    Device::TearDown();
  }
  void describe() {
    parts->convolution.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT});
    parts->convolution.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE,
                           {CUDNN_CROSS_CORRELATION});
    parts->convolution.numbers(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, {2});
    parts->convolution.numbers(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {0, 0});
    parts->convolution.numbers(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {0, 0});
    parts->convolution.numbers(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {1, 1});
    parts->convolution.numbers(CUDNN_ATTR_CONVOLUTION_DILATIONS, {1, 1});
    ASSERT_EQ(parts->convolution.finalize(), CUDNN_STATUS_SUCCESS) << last_words();
    ASSERT_EQ(join(parts->operation, parts->y), CUDNN_STATUS_SUCCESS) << last_words();
    parts->graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, {handle});
    parts->graph.part(CUDNN_ATTR_OPERATIONGRAPH_OPS, parts->operation);
    ASSERT_EQ(parts->graph.finalize(), CUDNN_STATUS_SUCCESS) << last_words();
  }
  cudnnStatus_t join(Descriptor& into, const Descriptor& result) {
    into.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, parts->convolution);
    into.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, parts->x);
    into.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, parts->w);
    into.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, result);
    into.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, {1.0F});
    into.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, {0.0F});
    return into.finalize();
  }
  /// The configuration that `mode` names at `place`; its engine goes into `engine`.
  void configure(cudnnBackendHeurMode_t mode, size_t place, Descriptor& configuration) {
    Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.part(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, parts->graph);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, {mode});
    ASSERT_EQ(heuristics.finalize(), CUDNN_STATUS_SUCCESS) << last_words();
    Descriptor before[4] = {Descriptor(kConfiguration), Descriptor(kConfiguration),
                            Descriptor(kConfiguration), Descriptor(kConfiguration)};
    std::vector<cudnnBackendDescriptor_t> list;
    for (size_t i = 0; i < place; ++i) list.push_back(before[i].at);
    list.push_back(configuration.at);
    int64_t there = 0;
    ASSERT_EQ(
        cudnnBackendGetAttribute(heuristics.at, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                 static_cast<int64_t>(list.size()), &there, list.data()),
        CUDNN_STATUS_SUCCESS);
    ASSERT_GT(there, static_cast<int64_t>(place));
  }
  cudnnStatus_t make(Descriptor& plan, cudnnBackendHeurMode_t mode, size_t place) {
    Descriptor configuration(kConfiguration);
    configure(mode, place, configuration);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, {handle});
    plan.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
    return plan.finalize();
  }
  cudnnStatus_t run(const Descriptor& plan) {
    Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.numbers(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, {1, 2, 3});
    pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, {x, w, y});
    pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, {workspace});
    EXPECT_EQ(pack.finalize(), CUDNN_STATUS_SUCCESS);
    return cudnnBackendExecute(handle, plan.at, pack.at);
  }
  std::vector<float> answer() {
    std::vector<float> values(18);
    EXPECT_EQ(cudaMemcpyAsync(values.data(), y, 72, cudaMemcpyDeviceToHost, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    return values;
  }

  static constexpr auto kConfiguration = CUDNN_BACKEND_ENGINECFG_DESCRIPTOR;
  /// Gone before the fixture looks for leaks.
  struct Parts {
    TensorOf x{1, 1, 1, 4, 4}, w{2, 2, 1, 2, 2}, y{3, 1, 2, 3, 3};
    Descriptor convolution{CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR};
    Descriptor operation{CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR};
    Descriptor graph{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};
  };
  std::optional<Parts> parts;
  cudnnHandle_t handle = nullptr;
  cudaStream_t stream = nullptr;
  void *x = nullptr, *w = nullptr, *y = nullptr, *workspace = nullptr;
};

}  // namespace breakeven::emu
