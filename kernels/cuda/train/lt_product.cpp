// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/lt_product.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace breakeven::cuda {
namespace {

constexpr uint64_t kMostWorkspace = uint64_t{64} << 20;
constexpr int kMostAsked = 16;

cudaDataType_t stored_type(Precision precision) {
  if (precision == Precision::bf16) return CUDA_R_16BF;
  if (precision == Precision::fp16) return CUDA_R_16F;
  return CUDA_R_32F;
}

cublasLtMatmulDesc_t operation(const CublasLt& lt, Precision precision) {
  cublasLtMatmulDesc_t made = nullptr;
  const auto compute = precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  lt.check(lt.desc_create(&made, compute, CUDA_R_32F), "describing the operation");
  return made;
}

/// Column-major and dense.
LtOwned<cublasLtMatrixLayout_t> matrix(const CublasLt& lt, cudaDataType_t type, int64_t rows,
                                       int64_t columns) {
  cublasLtMatrixLayout_t made = nullptr;
  lt.check(lt.layout_create(&made, type, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), rows),
           "describing a matrix");
  return {made, lt.layout_destroy};
}

template <class T>
void prefer(const CublasLt& lt, cublasLtMatmulPreference_t preference,
            cublasLtMatmulPreferenceAttributes_t attribute, const T& value) {
  lt.check(lt.preference_set(preference, attribute, &value, sizeof value), "stating preferences");
}

/// Bytes that a pointer is a multiple of, up to what Lt asks for at most.
uint32_t alignment(const void* pointer) {
  return std::min(256u, 1u << std::min(8, std::countr_zero(reinterpret_cast<uintptr_t>(pointer))));
}

/// What Lt's operands are in this direction.
struct Sides {
  const void *a, *b;
  int64_t a_rows, a_columns, b_rows, b_columns, d_rows, d_columns;
  int32_t a_turned, b_turned;
};
Sides sides(const PlacedProduct& p) {
  const int64_t rows = p.conv.n, in = p.conv.c, out = p.conv.k;
  const void *first = p.arguments.first, *second = p.arguments.second;
  switch (p.conv.direction) {
    case Direction::backward_data:
      return {second, first, in, out, out, rows, in, rows, CUBLAS_OP_N, CUBLAS_OP_N};
    case Direction::backward_weights:
      return {first, second, in, rows, out, rows, in, out, CUBLAS_OP_N, CUBLAS_OP_T};
    case Direction::forward:
      break;
  }
  return {second, first, in, out, in, rows, out, rows, CUBLAS_OP_T, CUBLAS_OP_N};
}

}  // namespace

LtProduct::LtProduct(const CublasLt& lt, cublasLtHandle_t handle, const PlacedProduct& placed)
    : lt_(lt),
      handle_(handle),
      precision_(placed.conv.precision),
      a_pointer_(sides(placed).a),
      b_pointer_(sides(placed).b),
      d_pointer_(placed.arguments.result),
      alpha_(placed.end.scale),
      beta_(placed.end.accumulate ? 1.0f : 0.0f),
      operation_(operation(lt, precision_), lt.desc_destroy),
      a_(matrix(lt, stored_type(precision_), sides(placed).a_rows, sides(placed).a_columns)),
      b_(matrix(lt, stored_type(precision_), sides(placed).b_rows, sides(placed).b_columns)),
      d_(matrix(lt,
                placed.conv.direction == Direction::backward_weights ? CUDA_R_32F : stored_type(precision_),
                sides(placed).d_rows, sides(placed).d_columns)) {
  const Sides side = sides(placed);
  lt_.check(lt_.desc_set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSA, &side.a_turned, sizeof(int32_t)),
            "describing the operation");
  lt_.check(lt_.desc_set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSB, &side.b_turned, sizeof(int32_t)),
            "describing the operation");
  choose();
}

void LtProduct::choose() {
  cublasLtMatmulPreference_t made = nullptr;
  lt_.check(lt_.preference_create(&made), "stating preferences");
  const LtOwned<cublasLtMatmulPreference_t> preference(made, lt_.preference_destroy);
  const uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, schemes);
  // Unless told, Lt takes every pointer for a multiple of 256 bytes; a parameter's need not be one.
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(a_pointer_));
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(b_pointer_));
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment(d_pointer_));
  prefer(lt_, made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment(d_pointer_));
  std::vector<cublasLtMatmulHeuristicResult_t> found(kMostAsked);
  int count = 0;
  lt_.check(lt_.heuristic(handle_, operation_.get(), a_.get(), b_.get(), d_.get(), d_.get(), made, kMostAsked,
                          found.data(), &count),
            "asking for algorithms");
  for (int i = 0; i < count; ++i) {
    const auto& result = found[static_cast<size_t>(i)];
    if (result.state != CUBLAS_STATUS_SUCCESS) continue;
    if (precision_ == Precision::fp32 && uses_tensor_cores(lt_, result.algo)) continue;
    algorithm_ = result;
    return;
  }
  throw Unsupported("cuBLASLt offers no algorithm for a linear layer in " + std::string(name(precision_)));
}

void LtProduct::launch(const DeviceBuffer& workspace, cudaStream_t stream) const {
  lt_.check(lt_.matmul(handle_, operation_.get(), &alpha_, a_pointer_, a_.get(), b_pointer_, b_.get(), &beta_,
                       d_pointer_, d_.get(), d_pointer_, d_.get(), &algorithm_.algo, workspace.at(0),
                       static_cast<size_t>(workspace.bytes()), stream),
            "multiplying");
}

}  // namespace breakeven::cuda
