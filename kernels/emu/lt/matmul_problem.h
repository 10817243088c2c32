// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <functional>

#include "kernels/emu/strict/answer.h"
#include "kernels/emu/strict/handles.h"

namespace breakeven::emu {

using LtError = Refused<cublasStatus_t>;

/// A matrix in memory; lengths and distances in elements.
struct LtLayout {
  cudaDataType_t type = CUDA_R_32F;
  cublasLtOrder_t order = CUBLASLT_ORDER_COL;
  int64_t rows = 0, columns = 0, leading = 0;
  int64_t batch = 1, batch_stride = 0;
  bool operator==(const LtLayout&) const = default;

  bool by_columns() const { return order == CUBLASLT_ORDER_COL; }
  int64_t row_stride() const { return by_columns() ? 1 : leading; }
  int64_t column_stride() const { return by_columns() ? leading : 1; }
  /// From the first element to behind the last.
  int64_t extent() const {
    return (batch - 1) * batch_stride + (rows - 1) * row_stride() + (columns - 1) * column_stride() + 1;
  }
};

/// What is done with the matrices. Pointers are those of device memory, not looked at before the work runs.
struct LtOperation {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cudaDataType_t scale = CUDA_R_32F;
  cublasLtPointerMode_t pointer_mode = CUBLASLT_POINTER_MODE_HOST;
  cublasOperation_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  int8_t fast_accumulation = 0;
  cudaDataType_t bias_type = static_cast<cudaDataType_t>(-1);  // -1: as the result
  const void *bias = nullptr, *scale_a = nullptr, *scale_b = nullptr;
};

struct LtPreference {
  uint64_t workspace_bytes = 0;
  uint32_t reduction_schemes = CUBLASLT_REDUCTION_SCHEME_MASK;
  uint32_t alignment_a = 256, alignment_b = 256, alignment_c = 256, alignment_d = 256;  // bytes
};

struct LtHandle {
  int gpu = 0;
};

/// D = alpha op(A) op(B) + beta C, all of it but the pointers.
struct LtProblem {
  LtOperation operation;
  LtLayout a, b, c, d;

  int64_t k() const { return operation.transpose_a == CUBLAS_OP_N ? a.columns : a.rows; }
  /// Equal for problems that an algorithm cannot tell apart.
  uint64_t fingerprint() const;
};

/// Everything this library has handed out.
struct LtObjects {
  Handles<cublasLtHandle_t, LtHandle> handles{"cuBLASLt handle", 0x600000000040};
  Handles<cublasLtMatmulDesc_t, LtOperation> operations{"matmul descriptor", 0x610000000040};
  Handles<cublasLtMatrixLayout_t, LtLayout> layouts{"matrix layout", 0x620000000040};
  Handles<cublasLtMatmulPreference_t, LtPreference> preferences{"matmul preference", 0x630000000040};
};
LtObjects& lt_objects();
/// Of a handle that is alive; the library has a status of its own for one that is not.
LtHandle& living_handle(cublasLtHandle_t);

int64_t element_bytes(cudaDataType_t);
bool is_fp8(cudaDataType_t);
bool has_bias(cublasLtEpilogue_t);

/// Throws LtError for what cuBLASLt does not do: INVALID_VALUE where the parts contradict each other,
/// NOT_SUPPORTED where they agree and it has no kernel. The documentation of cublasLtMatmul has the tables.
void require_supported(const LtProblem&);

/// The border of the library: the runtime's lock is held inside.
cublasStatus_t lt_border(const char* function, const std::function<void()>& body);

}  // namespace breakeven::emu
