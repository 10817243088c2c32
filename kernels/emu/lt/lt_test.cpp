// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The stand-in computes, and refuses what the library refuses: one test a rule, each beginning with a
// multiplication that is right.

#include <cublasLt.h>

#include <cstring>
#include <functional>
#include <vector>

#include "kernels/emu/runtime/device_fixture.h"

namespace breakeven::emu {
namespace {

constexpr int64_t kM = 16, kN = 4, kK = 32;

std::string why(cublasStatus_t status) { return cublasLtGetStatusString(status); }

#define EXPECT_LT_REFUSED(status, code, words)                      \
  do {                                                              \
    const cublasStatus_t got = (status);                            \
    EXPECT_EQ(got, code) << why(got);                               \
    EXPECT_NE(why(got).find(words), std::string::npos) << why(got); \
  } while (false)

/// D[16 x 4] = A[16 x 32] B[32 x 4] in columns, fp32; in 8-bit precisions A is given transposed.
struct Lt : Device {
  void SetUp() override {
    Device::SetUp();
    ASSERT_EQ(cublasLtCreate(&handle), CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cublasLtMatmulPreferenceCreate(&preference), CUBLAS_STATUS_SUCCESS);
    uint64_t bytes = 1 << 16;
    ASSERT_EQ(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                   &bytes, sizeof bytes),
              CUBLAS_STATUS_SUCCESS);
    describe(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F);
    for (void** memory : {&a, &b, &d, &workspace}) ASSERT_EQ(cudaMalloc(memory, 1 << 16), cudaSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  }
  void TearDown() override {
    for (void* memory : {a, b, d, workspace}) cudaFree(memory);
    cudaStreamDestroy(stream);
    undescribe();
    cublasLtMatmulPreferenceDestroy(preference);
    cublasLtDestroy(handle);
    Device::TearDown();
  }
  void describe(cublasComputeType_t compute, cudaDataType_t scale, cudaDataType_t in, cudaDataType_t out) {
    undescribe();
    const bool narrow = in == CUDA_R_8I || in == CUDA_R_8F_E4M3;
    ASSERT_EQ(cublasLtMatmulDescCreate(&operation, compute, scale), CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cublasLtMatrixLayoutCreate(&a_layout, in, narrow ? kK : kM, narrow ? kM : kK, narrow ? kK : kM),
              CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cublasLtMatrixLayoutCreate(&b_layout, in, kK, kN, kK), CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cublasLtMatrixLayoutCreate(&d_layout, out, kM, kN, kM), CUBLAS_STATUS_SUCCESS);
    if (narrow) set(CUBLASLT_MATMUL_DESC_TRANSA, int32_t{CUBLAS_OP_T});
  }
  void undescribe() {
    if (operation) cublasLtMatmulDescDestroy(operation);
    for (cublasLtMatrixLayout_t layout : {a_layout, b_layout, d_layout}) {
      if (layout) cublasLtMatrixLayoutDestroy(layout);
    }
    operation = nullptr;
    a_layout = b_layout = d_layout = nullptr;
  }
  template <class T>
  void set(cublasLtMatmulDescAttributes_t which, T value) {
    ASSERT_EQ(cublasLtMatmulDescSetAttribute(operation, which, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
  }
  template <class T>
  void set(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t which, T value) {
    ASSERT_EQ(cublasLtMatrixLayoutSetAttribute(layout, which, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
  }
  cublasStatus_t ask(std::vector<cublasLtMatmulHeuristicResult_t>& found) {
    found.resize(8);
    int count = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
        handle, operation, a_layout, b_layout, d_layout, d_layout, preference, 8, found.data(), &count);
    found.resize(static_cast<size_t>(count));
    return status;
  }
  /// The first algorithm (the one with a workspace) on the fixture's own arguments.
  cublasStatus_t run() {
    std::vector<cublasLtMatmulHeuristicResult_t> found;
    const cublasStatus_t status = ask(found);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
    algorithm = found.front().algo;
    return run_again();
  }
  cublasStatus_t run_again() {
    return cublasLtMatmul(handle, operation, alpha, a, a_layout, b, b_layout, &zero, d, d_layout, d, d_layout,
                          &algorithm, workspace, workspace_bytes, stream);
  }
  /// A and B all ones: every element of D is k.
  void put_ones() {
    const std::vector<float> ones(kM * kK, 1);
    ASSERT_EQ(cudaMemcpy(a, ones.data(), kM * kK * 4, cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaMemcpy(b, ones.data(), kK * kN * 4, cudaMemcpyHostToDevice), cudaSuccess);
  }
  float last_of_d() {
    float value[kM * kN] = {};
    EXPECT_EQ(cudaMemcpyAsync(value, d, sizeof value, cudaMemcpyDeviceToHost, stream), cudaSuccess);
    return value[kM * kN - 1];
  }

  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a_layout = nullptr, b_layout = nullptr, d_layout = nullptr;
  cublasLtMatmulAlgo_t algorithm = {};
  void *a = nullptr, *b = nullptr, *d = nullptr, *workspace = nullptr;
  size_t workspace_bytes = 1 << 16;
  cudaStream_t stream = nullptr;
  float one = 1, zero = 0;
  const void* alpha = &one;
};

TEST_F(Lt, ComputesWithEveryAlgorithm) {
  put_ones();
  std::vector<cublasLtMatmulHeuristicResult_t> found;
  ASSERT_EQ(ask(found), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(found.size(), 4u);
  EXPECT_GT(found.front().workspaceSize, 0u);
  for (const auto& result : found) {
    ASSERT_EQ(cudaMemset(d, 0xFF, 1 << 16), cudaSuccess);
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    algorithm = result.algo;
    ASSERT_EQ(run_again(), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(last_of_d(), kK);
  }
}

TEST_F(Lt, ItsWorkIsDoneOnTheStreamAndNotBefore) {
  put_ones();
  ASSERT_EQ(cudaMemset(workspace, 0x11, 1 << 16), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  ASSERT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  int word = 0;
  ASSERT_EQ(cudaMemcpy(&word, workspace, 4, cudaMemcpyDeviceToHost),
            cudaSuccess);  // another stream: too early
  EXPECT_EQ(word, 0x11111111);
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  ASSERT_EQ(cudaMemcpy(&word, workspace, 4, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_NE(word, 0x11111111);  // it belongs to the algorithm
}

TEST_F(Lt, AddsABiasPerRowAndClampsInTheEpilogue) {
  put_ones();
  std::vector<float> bias(kM, -static_cast<float>(kK) - 1);
  bias.back() = 5;
  const Block there(kM * 4);
  ASSERT_EQ(cudaMemcpy(there.at, bias.data(), kM * 4, cudaMemcpyHostToDevice), cudaSuccess);
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, uint32_t{CUBLASLT_EPILOGUE_RELU_BIAS});
  set<const void*>(CUBLASLT_MATMUL_DESC_BIAS_POINTER, there.at);
  ASSERT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(last_of_d(), kK + 5);
  float first = -1;
  ASSERT_EQ(cudaMemcpy(&first, d, 4, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(first, 0);
}

TEST_F(Lt, SplitsAndNarrowSumsOnlyWhereAllowed) {
  uint32_t none = CUBLASLT_REDUCTION_SCHEME_NONE;
  ASSERT_EQ(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                                 &none, sizeof none),
            CUBLAS_STATUS_SUCCESS);
  std::vector<cublasLtMatmulHeuristicResult_t> found;
  ASSERT_EQ(ask(found), CUBLAS_STATUS_SUCCESS);
  for (const auto& result : found) EXPECT_EQ(result.workspaceSize, 0u);
}

TEST_F(Lt, RefusesLayoutsThatCannotBe) {
  set(b_layout, CUBLASLT_MATRIX_LAYOUT_LD, int64_t{kK - 1});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_INVALID_VALUE, "B's leading dimension");
  set(b_layout, CUBLASLT_MATRIX_LAYOUT_LD, int64_t{kK});
  set(a_layout, CUBLASLT_MATRIX_LAYOUT_ORDER, int32_t{CUBLASLT_ORDER_COL32});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_NOT_SUPPORTED, "order");
  set(a_layout, CUBLASLT_MATRIX_LAYOUT_ORDER, int32_t{CUBLASLT_ORDER_COL});
  set(a_layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, int32_t{2});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_INVALID_VALUE, "2 batches");
  set(a_layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, int32_t{1});
  set(CUBLASLT_MATMUL_DESC_TRANSB, int32_t{CUBLAS_OP_T});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_INVALID_VALUE, "op(B)");
}

TEST_F(Lt, RefusesTypesThatDoNotGoTogether) {
  describe(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_64F, CUDA_R_64F);
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_NOT_SUPPORTED, "compute type");
  describe(CUBLAS_COMPUTE_32I, CUDA_R_32F, CUDA_R_8I, CUDA_R_32I);
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_NOT_SUPPORTED, "scale type");
  describe(CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I);
  set(CUBLASLT_MATMUL_DESC_TRANSA, int32_t{CUBLAS_OP_N});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_INVALID_VALUE, "op(A)");
  describe(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F);
  set<const void*>(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, d);
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_INVALID_VALUE, "scale factors");
}

TEST_F(Lt, Takes8BitInputsAsTnInWholeVectorsOnly) {
  describe(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16BF);
  EXPECT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  set(a_layout, CUBLASLT_MATRIX_LAYOUT_LD, int64_t{kK + 8});
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_NOT_SUPPORTED, "no multiple of 16");
  undescribe();
  ASSERT_EQ(cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32I, CUDA_R_32I), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasLtMatrixLayoutCreate(&a_layout, CUDA_R_8I, kM, kK, kM), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasLtMatrixLayoutCreate(&b_layout, CUDA_R_8I, kK, kN, kK), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasLtMatrixLayoutCreate(&d_layout, CUDA_R_32I, kM, kN, kM), CUBLAS_STATUS_SUCCESS);
  EXPECT_LT_REFUSED(run(), CUBLAS_STATUS_NOT_SUPPORTED, "TN only");
}

TEST_F(Lt, RefusesMemoryThatIsNotAllThere) {
  ASSERT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  const auto with = [&](void*& pointer, void* instead) {
    void* const before = std::exchange(pointer, instead);
    const cublasStatus_t status = run_again();
    pointer = before;
    return status;
  };
  std::vector<float> host(kM * kK);
  auto* bytes = static_cast<std::byte*>(d);
  EXPECT_LT_REFUSED(with(a, host.data()), CUBLAS_STATUS_INVALID_VALUE, "no device memory");
  EXPECT_LT_REFUSED(with(b, nullptr), CUBLAS_STATUS_INVALID_VALUE, "B is null");
  EXPECT_LT_REFUSED(with(d, bytes + (1 << 16) - 64), CUBLAS_STATUS_INVALID_VALUE, "ends after 64");
  EXPECT_LT_REFUSED(with(a, bytes + 2), CUBLAS_STATUS_INVALID_VALUE, "aligned");
  EXPECT_LT_REFUSED(with(d, a), CUBLAS_STATUS_INVALID_VALUE, "overlaps");
  EXPECT_LT_REFUSED(with(workspace, static_cast<std::byte*>(workspace) + 64), CUBLAS_STATUS_INVALID_VALUE,
                    "workspace");
  workspace_bytes = 64;
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "the algorithm needs");
  alpha = d;
  workspace_bytes = 1 << 16;
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "alpha lies on the device");
  alpha = &one;
  ASSERT_EQ(cudaFree(b), cudaSuccess);
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "B at");
  b = nullptr;
}

TEST_F(Lt, AnAlgorithmIsForItsOwnProblem) {
  ASSERT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  describe(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF);
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "another problem");
  algorithm.data[3] += 1;
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "no algorithm");
}

TEST_F(Lt, AttributesHaveTheirSizes) {
  const int64_t wide = 0;
  EXPECT_LT_REFUSED(
      cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_TRANSA, &wide, sizeof wide),
      CUBLAS_STATUS_INVALID_VALUE, "4 bytes");
  EXPECT_LT_REFUSED(
      cublasLtMatrixLayoutSetAttribute(a_layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &wide, sizeof wide),
      CUBLAS_STATUS_INVALID_VALUE, "4 bytes");
  EXPECT_LT_REFUSED(
      cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, nullptr, sizeof(uint32_t)),
      CUBLAS_STATUS_INVALID_VALUE, "null");
}

TEST_F(Lt, HandlesAreAliveAndOfTheCurrentDevice) {
  ASSERT_EQ(run(), CUBLAS_STATUS_SUCCESS);
  cudaStream_t other = nullptr, own = stream;
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "device 0, which is not current");
  ASSERT_EQ(cudaStreamCreate(&other), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  stream = other;
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "belongs to device 1");
  stream = own;
  ASSERT_EQ(cudaStreamDestroy(other), cudaSuccess);
  cublasLtMatmulDesc_t gone = operation;
  ASSERT_EQ(cublasLtMatmulDescDestroy(operation), CUBLAS_STATUS_SUCCESS);
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_INVALID_VALUE, "matmul descriptor was destroyed");
  EXPECT_EQ(cublasLtMatmulDescDestroy(gone), CUBLAS_STATUS_INVALID_VALUE);
  operation = nullptr;
  ASSERT_EQ(cublasLtDestroy(handle), CUBLAS_STATUS_SUCCESS);
  EXPECT_LT_REFUSED(run_again(), CUBLAS_STATUS_NOT_INITIALIZED, "cuBLASLt handle was destroyed");
  handle = nullptr;
}

}  // namespace
}  // namespace breakeven::emu
