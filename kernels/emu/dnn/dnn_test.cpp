// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The stand-in computes, and refuses what the library refuses: each test begins with a convolution that is
// right.

#include <cudnn_graph.h>

#include <tuple>
#include <utility>
#include <vector>

#include "kernels/emu/dnn/dnn_fixture.h"

namespace breakeven::emu {
namespace {

/// Windows of x sum to 4 (4 row + column) + 10; the second filter doubles them.
void expect_right(const std::vector<float>& y) {
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const float sum = static_cast<float>(4 * (4 * row + column) + 10);
      const auto at = static_cast<size_t>(2 * (3 * row + column));
      EXPECT_EQ(y[at], sum);
      EXPECT_EQ(y[at + 1], 2 * sum);
    }
  }
}

constexpr auto kModeA = CUDNN_HEUR_MODE_A, kModeB = CUDNN_HEUR_MODE_B, kFallback = CUDNN_HEUR_MODE_FALLBACK;

TEST_F(Dnn, ComputesWithEveryEngineThatRuns) {
  for (const auto& [mode, place, needs] : {std::tuple(kModeB, 0, 0), std::tuple(kModeB, 1, 2 * 18 * 4),
                                           std::tuple(kFallback, 1, 0), std::tuple(kModeA, 3, 0)}) {
    Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    ASSERT_EQ(make(plan, mode, static_cast<size_t>(place)), CUDNN_STATUS_SUCCESS) << last_words();
    int64_t bytes = -1, count = 0;
    ASSERT_EQ(cudnnBackendGetAttribute(plan.at, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                       &count, &bytes),
              CUDNN_STATUS_SUCCESS);
    EXPECT_EQ(bytes, needs);
    ASSERT_EQ(cudaMemset(y, 0xFF, 1024), cudaSuccess);
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    ASSERT_EQ(run(plan), CUDNN_STATUS_SUCCESS) << last_words();
    expect_right(answer());
  }
}

TEST_F(Dnn, NamesEnginesThatThenRefuse) {
  Descriptor never(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR), late(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  EXPECT_DNN_REFUSED(make(never, kModeA, 0), CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "engine 0");
  ASSERT_EQ(make(late, kModeA, 1), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(run(late), CUDNN_STATUS_EXECUTION_FAILED, "engine 1");
}

TEST_F(Dnn, TensorCoresRoundFp32AndSayIt) {
  const std::vector<float> ones(16, 1 + 0x1p-20F);
  ASSERT_EQ(cudaMemcpy(x, ones.data(), 64, cudaMemcpyHostToDevice), cudaSuccess);
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR), configuration(kConfiguration),
      engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  ASSERT_EQ(make(plan, kModeA, 3), CUDNN_STATUS_SUCCESS);
  ASSERT_EQ(run(plan), CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(answer()[0], 4);  // and not 4 + 2^-18
  configure(kModeA, 3, configuration);
  int64_t count = 0;
  ASSERT_EQ(cudnnBackendGetAttribute(configuration.at, CUDNN_ATTR_ENGINECFG_ENGINE,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &engine.at),
            CUDNN_STATUS_SUCCESS);
  cudnnBackendNumericalNote_t notes[4] = {};
  ASSERT_EQ(cudnnBackendGetAttribute(engine.at, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                     4, &count, notes),
            CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(notes[0], CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
}

TEST_F(Dnn, RefusesMemoryThatIsNotAllThere) {
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  ASSERT_EQ(make(plan, kModeB, 1), CUDNN_STATUS_SUCCESS);
  const auto with = [&](void*& pointer, void* instead) {
    void* const before = std::exchange(pointer, instead);
    const cudnnStatus_t status = run(plan);
    pointer = before;
    return status;
  };
  float host[18] = {};
  EXPECT_DNN_REFUSED(with(x, host), CUDNN_STATUS_BAD_PARAM, "no device memory");
  EXPECT_DNN_REFUSED(with(w, nullptr), CUDNN_STATUS_BAD_PARAM, "tensor 2 is null");
  EXPECT_DNN_REFUSED(with(x, static_cast<std::byte*>(x) + 4), CUDNN_STATUS_BAD_PARAM, "aligned");
  EXPECT_DNN_REFUSED(with(y, static_cast<std::byte*>(y) + 1024 - 64), CUDNN_STATUS_BAD_PARAM,
                     "ends after 64");
  EXPECT_DNN_REFUSED(with(y, x), CUDNN_STATUS_BAD_PARAM, "overlaps");
  EXPECT_DNN_REFUSED(with(workspace, nullptr), CUDNN_STATUS_BAD_PARAM, "the workspace is null");
  EXPECT_DNN_REFUSED(with(workspace, static_cast<std::byte*>(workspace) + 1024 - 128), CUDNN_STATUS_BAD_PARAM,
                     "the workspace");
}

TEST_F(Dnn, EveryTensorHasOnePointer) {
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  ASSERT_EQ(make(plan, kModeB, 0), CUDNN_STATUS_SUCCESS);
  Descriptor few(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR), other(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR),
      twice(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR), uneven(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  const auto fill = [&](Descriptor& pack, std::initializer_list<int64_t> uids,
                        std::initializer_list<void*> at) {
    pack.numbers(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, uids);
    pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, at);
    return pack.finalize();
  };
  ASSERT_EQ(fill(few, {1, 3}, {x, y}), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(cudnnBackendExecute(handle, plan.at, few.at), CUDNN_STATUS_BAD_PARAM,
                     "2 pointers for 3");
  ASSERT_EQ(fill(other, {1, 3, 4}, {x, y, w}), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(cudnnBackendExecute(handle, plan.at, other.at), CUDNN_STATUS_BAD_PARAM,
                     "no pointer for tensor 2");
  EXPECT_DNN_REFUSED(fill(twice, {1, 1, 3}, {x, w, y}), CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES,
                     "two pointers");
  EXPECT_DNN_REFUSED(fill(uneven, {1, 2, 3}, {x, w}), CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT,
                     "not a pointer");
}

TEST_F(Dnn, AttributesHaveTheirTypesAndCounts) {
  Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  EXPECT_DNN_REFUSED(tensor.finalize(), CUDNN_STATUS_BAD_PARAM, "was not set");
  EXPECT_DNN_REFUSED(tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_INT64, {int64_t{0}}),
                     CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "has type");
  EXPECT_DNN_REFUSED(tensor.numbers(CUDNN_ATTR_CONVOLUTION_DILATIONS, {1, 1}), CUDNN_STATUS_BAD_PARAM,
                     "no attribute");
  EXPECT_DNN_REFUSED(tensor.numbers(CUDNN_ATTR_TENSOR_UNIQUE_ID, {1, 2}), CUDNN_STATUS_BAD_PARAM,
                     "takes 1 to 1");
  tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT});
  tensor.numbers(CUDNN_ATTR_TENSOR_DIMENSIONS, {1, 2, 3, 4});
  tensor.numbers(CUDNN_ATTR_TENSOR_STRIDES, {24, 1, 8});
  tensor.numbers(CUDNN_ATTR_TENSOR_UNIQUE_ID, {9});
  tensor.numbers(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {6});
  EXPECT_DNN_REFUSED(tensor.finalize(), CUDNN_STATUS_BAD_PARAM, "4 extents and 3 strides");
  tensor.numbers(CUDNN_ATTR_TENSOR_STRIDES, {24, 1, 8, 2});
  EXPECT_DNN_REFUSED(tensor.finalize(), CUDNN_STATUS_BAD_PARAM, "alignment");
  tensor.numbers(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {16});
  ASSERT_EQ(tensor.finalize(), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(tensor.numbers(CUDNN_ATTR_TENSOR_UNIQUE_ID, {1}), CUDNN_STATUS_BAD_PARAM, "is complete");
}

TEST_F(Dnn, RefusesAnOperationThatDoesNotFit) {
  const auto refused = [&](const TensorOf& y) {
    Descriptor operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    return join(operation, y);
  };
  EXPECT_DNN_REFUSED(refused(TensorOf(3, 2, 2, 3, 3)), CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "images");
  EXPECT_DNN_REFUSED(refused(TensorOf(3, 1, 1, 3, 3)), CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "filters");
  EXPECT_DNN_REFUSED(refused(TensorOf(3, 1, 2, 4, 3)), CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "4 places");
  Descriptor wide(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
  wide.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_DOUBLE, {1.0});
  wide.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_DOUBLE, {0.0});
  wide.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, parts->convolution);
  wide.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, parts->x);
  wide.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, parts->w);
  EXPECT_DNN_REFUSED(wide.finalize(), CUDNN_STATUS_BAD_PARAM, "was not set");
  wide.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, parts->y);
  EXPECT_DNN_REFUSED(wide.finalize(), CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "alpha or beta");
}

TEST_F(Dnn, HandlesAndDescriptorsAreAlive) {
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR), unfinished(CUDNN_BACKEND_TENSOR_DESCRIPTOR),
      operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
  EXPECT_DNN_REFUSED(operation.part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, unfinished),
                     CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "not complete");
  ASSERT_EQ(make(plan, kModeB, 0), CUDNN_STATUS_SUCCESS);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_DNN_REFUSED(run(plan), CUDNN_STATUS_BAD_PARAM, "device 0, which is not current");
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  const cudnnBackendDescriptor_t gone = std::exchange(unfinished.at, nullptr);
  ASSERT_EQ(cudnnBackendDestroyDescriptor(gone), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(cudnnBackendFinalize(gone), CUDNN_STATUS_BAD_PARAM, "was destroyed before");
  ASSERT_EQ(cudnnDestroy(handle), CUDNN_STATUS_SUCCESS);
  EXPECT_DNN_REFUSED(run(plan), CUDNN_STATUS_BAD_PARAM, "cuDNN handle was destroyed");
  handle = nullptr;
}

}  // namespace
}  // namespace breakeven::emu
