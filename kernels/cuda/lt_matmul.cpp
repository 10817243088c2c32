// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/lt_matmul.h"

#include <fmt/format.h>

#include <algorithm>

namespace breakeven::cuda {
namespace {

/// What is multiplied in, and the types of alpha and beta, of the operands and of the result.
struct Types {
  cublasComputeType_t compute;
  cudaDataType_t scale, in, out;
};

Types types(Precision precision) {
  switch (precision) {
    case Precision::fp64:
      return {CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F};
    // COMPUTE_32F keeps "at least" fp32; _FAST_ types alone may round inputs. `algorithms` checks that it
    // does.
    case Precision::fp32:
      return {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F};
    case Precision::tf32:
      return {CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F};
    case Precision::bf16:
      return {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF};
    case Precision::fp16:
      return {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F};
    case Precision::fp8e4m3:
      return {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16BF};
    case Precision::int8:
      return {CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I};
    case Precision::u8:
      break;
  }
  throw Unsupported("u8 is not a precision of GEMM");
}

/// `value` in the type that alpha and beta have.
struct Scalar {
  Scalar(int value, cudaDataType_t type)
      : type_(type), fp64_(value), fp32_(static_cast<float>(value)), int32_(value) {}
  const void* get() const {
    if (type_ == CUDA_R_64F) return &fp64_;
    if (type_ == CUDA_R_32I) return &int32_;
    return &fp32_;
  }

 private:
  cudaDataType_t type_;
  double fp64_;
  float fp32_;
  int32_t int32_;
};

/// Split-k partial sums may meet in the accumulator's type only. The other schemes add in the output's type:
/// for bf16 and fp16 that would round several times where the problem asks for one rounding.
uint32_t reduction_schemes(const Gemm& gemm) {
  const bool narrow_output =
      facts(gemm.precision).output == Element::bf16 || facts(gemm.precision).output == Element::fp16;
  return narrow_output ? CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE
                       : CUBLASLT_REDUCTION_SCHEME_MASK;
}

template <class T>
void set(const CublasLt& lt, cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute,
         const T& value) {
  lt.check(lt.desc_set(operation, attribute, &value, sizeof value), "describing the operation");
}

cublasLtMatmulDesc_t new_operation(const CublasLt& lt, const Types& type) {
  cublasLtMatmulDesc_t operation = nullptr;
  lt.check(lt.desc_create(&operation, type.compute, type.scale), "describing the operation");
  return operation;
}

}  // namespace

LtOwned<cublasLtHandle_t> lt_handle(const CublasLt& lt) {
  cublasLtHandle_t handle = nullptr;
  lt.check(lt.create(&handle), "creating a handle");
  return {handle, lt.destroy};
}

bool uses_tensor_cores(const CublasLt& lt, const cublasLtMatmulAlgo_t& algorithm) {
  uint64_t flags = 0;
  size_t written = 0;
  const auto status =
      lt.capability(&algorithm, CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS, &flags, sizeof flags, &written);
  return status == CUBLAS_STATUS_SUCCESS && (flags & CUBLASLT_NUMERICAL_IMPL_FLAGS_TENSOR_OP_MASK) != 0;
}

BLayout b_layout(Precision precision) {
  return precision == Precision::fp8e4m3 || precision == Precision::int8 ? BLayout::k_major
                                                                         : BLayout::as_given;
}

LtMatmul::LtMatmul(const CublasLt& lt, cublasLtHandle_t handle, const Gemm& gemm, const GemmArguments& sample,
                   const void* scale)
    : lt_(lt),
      handle_(handle),
      gemm_(gemm),
      operation_(new_operation(lt, types(gemm.precision)), lt.desc_destroy),
      a_(b_layout(gemm.precision) == BLayout::k_major ? matrix(types(gemm.precision).in, gemm.k, gemm.n)
                                                      : matrix(types(gemm.precision).in, gemm.n, gemm.k)),
      b_(matrix(types(gemm.precision).in, gemm.k, gemm.m)),
      d_(matrix(types(gemm.precision).out, gemm.n, gemm.m)) {
  const int32_t transpose = b_layout(gemm.precision) == BLayout::k_major ? CUBLAS_OP_T : CUBLAS_OP_N;
  set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_TRANSA, transpose);
  if (gemm.precision == Precision::fp8e4m3) {
    // fp8 operands carry a scale factor each; ours are the numbers themselves. FAST_ACCUM stays off: Lt then
    // promotes partial sums to fp32, as the problem's accumulation demands.
    set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, scale);
    set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, scale);
  }
  if (sample.bias) {
    set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_EPILOGUE, uint32_t{CUBLASLT_EPILOGUE_RELU_BIAS});
    set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, sample.bias);
  }
}

/// Column-major and dense; the batch follows at the distance of one matrix.
LtOwned<cublasLtMatrixLayout_t> LtMatmul::matrix(cudaDataType_t type, int64_t rows, int64_t columns) const {
  cublasLtMatrixLayout_t made = nullptr;
  lt_.check(lt_.layout_create(&made, type, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), rows),
            "describing a matrix");
  LtOwned<cublasLtMatrixLayout_t> layout(made, lt_.layout_destroy);
  const auto batch = static_cast<int32_t>(gemm_.batch);
  const int64_t distance = rows * columns;
  lt_.check(lt_.layout_set(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch),
            "describing a batch");
  lt_.check(lt_.layout_set(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &distance, sizeof distance),
            "describing a batch");
  return layout;
}

std::vector<cublasLtMatmulHeuristicResult_t> LtMatmul::algorithms(int most, int64_t workspace_bytes) const {
  cublasLtMatmulPreference_t made = nullptr;
  lt_.check(lt_.preference_create(&made), "stating preferences");
  const LtOwned<cublasLtMatmulPreference_t> preference(made, lt_.preference_destroy);
  const auto workspace = static_cast<uint64_t>(workspace_bytes);
  const uint32_t schemes = reduction_schemes(gemm_);
  lt_.check(lt_.preference_set(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace),
            "stating preferences");
  lt_.check(lt_.preference_set(made, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes, sizeof schemes),
            "stating preferences");
  std::vector<cublasLtMatmulHeuristicResult_t> found(static_cast<size_t>(most));
  int count = 0;
  const cublasStatus_t status = lt_.heuristic(handle_, operation_.get(), a_.get(), b_.get(), d_.get(),
                                              d_.get(), made, most, found.data(), &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};  // INVALID_VALUE is a wrong description: a fault of ours
  lt_.check(status, "asking for algorithms");
  found.resize(static_cast<size_t>(count));
  std::erase_if(found, [&](const cublasLtMatmulHeuristicResult_t& result) {
    return result.state != CUBLAS_STATUS_SUCCESS ||
           (gemm_.precision == Precision::fp32 && uses_tensor_cores(lt_, result.algo));
  });
  return found;
}

void LtMatmul::run(const GemmArguments& g, const cublasLtMatmulAlgo_t& algorithm,
                   const DeviceBuffer& workspace, cudaStream_t stream) {
  const cudaDataType_t scale = types(gemm_.precision).scale;
  const Scalar alpha(1, scale), beta(0, scale);
  if (g.bias) set(lt_, operation_.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, g.bias);
  lt_.check(lt_.matmul(handle_, operation_.get(), alpha.get(), g.b, a_.get(), g.a, b_.get(), beta.get(), g.c,
                       d_.get(), g.c, d_.get(), &algorithm, workspace.at(0),
                       static_cast<size_t>(workspace.bytes()), stream),
            "multiplying");
}

std::string LtMatmul::describe(const cublasLtMatmulAlgo_t& algorithm) const {
  const auto field = [&]<class T>(cublasLtMatmulAlgoConfigAttributes_t attribute, T) {
    T value{};
    size_t written = 0;
    lt_.configuration(&algorithm, attribute, &value, sizeof value, &written);
    return value;
  };
  return fmt::format(
      "algorithm {}, tile {}, stages {}, cluster {}, split-k {}", field(CUBLASLT_ALGO_CONFIG_ID, int32_t{}),
      field(CUBLASLT_ALGO_CONFIG_TILE_ID, uint32_t{}), field(CUBLASLT_ALGO_CONFIG_STAGES_ID, uint32_t{}),
      field(CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, uint16_t{}),
      field(CUBLASLT_ALGO_CONFIG_SPLITK_NUM, int32_t{}));
}

}  // namespace breakeven::cuda
