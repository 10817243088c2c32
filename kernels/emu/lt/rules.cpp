// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What cuBLASLt refuses, by the tables in the documentation of cublasLtMatmul (CUDA 13, compute
// capability 9.0).

#include <fmt/format.h>

#include "kernels/emu/lt/matmul_problem.h"

namespace breakeven::emu {
namespace {

[[noreturn]] void contradiction(const std::string& why) { throw LtError(CUBLAS_STATUS_INVALID_VALUE, why); }
[[noreturn]] void unsupported(const std::string& why) { throw LtError(CUBLAS_STATUS_NOT_SUPPORTED, why); }

struct Combination {
  cublasComputeType_t compute;
  cudaDataType_t scale, in, out;
};

/// Compute type, scale type, A and B, C and D.
constexpr Combination kCombinations[] = {
    {CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_32F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_32F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16BF},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16F},
    {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F},
    {CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
    {CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I},
};

void require_types(const LtProblem& p) {
  const LtOperation& o = p.operation;
  if (p.a.type != p.b.type || p.c.type != p.d.type)
    unsupported("A and B, or C and D, are of different types");
  for (const Combination& c : kCombinations) {
    if (c.compute == o.compute && c.scale == o.scale && c.in == p.a.type && c.out == p.d.type) return;
  }
  unsupported(
      fmt::format("no kernel for compute type {}, scale type {}, inputs of type {} and a result of type {}",
                  static_cast<int>(o.compute), static_cast<int>(o.scale), static_cast<int>(p.a.type),
                  static_cast<int>(p.d.type)));
}

void require_layout(const char* name, const LtLayout& layout, int64_t batch) {
  if (layout.order != CUBLASLT_ORDER_COL && layout.order != CUBLASLT_ORDER_ROW)
    unsupported(
        fmt::format("{} has order {}; COL and ROW are known here", name, static_cast<int>(layout.order)));
  if (layout.rows < 1 || layout.columns < 1) contradiction(fmt::format("{} is empty", name));
  const int64_t least = layout.by_columns() ? layout.rows : layout.columns;
  if (layout.leading < least) {
    contradiction(fmt::format("{}'s leading dimension is {}, less than its {} {}", name, layout.leading,
                              least, layout.by_columns() ? "rows" : "columns"));
  }
  if (layout.batch != batch)
    contradiction(fmt::format("{} has {} batches, D has {}", name, layout.batch, batch));
  if (layout.batch < 1 || layout.batch_stride < 0) contradiction(fmt::format("{}'s batch is no batch", name));
}

void require_size(const char* name, const LtLayout& matrix, cublasOperation_t turn, int64_t rows,
                  int64_t columns) {
  const int64_t r = turn == CUBLAS_OP_N ? matrix.rows : matrix.columns;
  const int64_t c = turn == CUBLAS_OP_N ? matrix.columns : matrix.rows;
  if (r == rows && c == columns) return;
  contradiction(fmt::format("op({}) is {} x {}, and the product needs {} x {}", name, r, c, rows, columns));
}

void require_sizes(const LtProblem& p) {
  const int64_t batch = p.d.batch;
  require_layout("A", p.a, batch);
  require_layout("B", p.b, batch);
  require_layout("C", p.c, batch);
  require_layout("D", p.d, batch);
  require_size("A", p.a, p.operation.transpose_a, p.d.rows, p.k());
  require_size("B", p.b, p.operation.transpose_b, p.k(), p.d.columns);
  require_size("C", p.c, CUBLAS_OP_N, p.d.rows, p.d.columns);
  const int64_t one = p.d.extent() - (batch - 1) * p.d.batch_stride;
  if (batch > 1 && p.d.batch_stride < one) contradiction("the batches of D overlap");
}

void require_multiple(const char* what, int64_t value, int64_t of) {
  if (value % of != 0) unsupported(fmt::format("{} is {}, no multiple of {}", what, value, of));
}

/// 8-bit inputs: tensor cores take both with k innermost, in whole vectors.
void require_narrow(const LtProblem& p) {
  const bool fp8 = is_fp8(p.a.type);
  if (!fp8 && p.a.type != CUDA_R_8I) return;
  if (p.operation.transpose_a != CUBLAS_OP_T || p.operation.transpose_b != CUBLAS_OP_N)
    unsupported("8-bit inputs come as TN only: A transposed, B not");
  if (!p.a.by_columns() || !p.b.by_columns() || !p.d.by_columns())
    unsupported("8-bit inputs come in column order only");
  const int64_t vector = fp8 ? 16 : 4;
  require_multiple("k", p.k(), vector);
  require_multiple("A's leading dimension", p.a.leading, vector);
  require_multiple("B's leading dimension", p.b.leading, vector);
  const int64_t out = fp8 ? 16 / element_bytes(p.d.type) : 4;
  require_multiple("the number of D's rows", p.d.rows, out);
  require_multiple("D's leading dimension", p.d.leading, out);
}

void require_epilogue(const LtProblem& p) {
  const LtOperation& o = p.operation;
  if (o.epilogue != CUBLASLT_EPILOGUE_DEFAULT && o.epilogue != CUBLASLT_EPILOGUE_RELU &&
      o.epilogue != CUBLASLT_EPILOGUE_BIAS && o.epilogue != CUBLASLT_EPILOGUE_RELU_BIAS)
    unsupported(fmt::format("epilogue {} is not known here", static_cast<int>(o.epilogue)));
  if (o.compute == CUBLAS_COMPUTE_32I && o.epilogue != CUBLASLT_EPILOGUE_DEFAULT)
    unsupported("no epilogue for int8 inputs with an int32 result");
  if (has_bias(o.epilogue) && !p.d.by_columns()) unsupported("a bias needs D in column order");
  const auto own = static_cast<cudaDataType_t>(-1);
  if (has_bias(o.epilogue) && o.bias_type != own && o.bias_type != p.d.type)
    unsupported("the bias is not of the result's type");
  if (o.epilogue != CUBLASLT_EPILOGUE_DEFAULT && is_fp8(p.a.type) && p.d.type == CUDA_R_32F)
    unsupported("fp8 with an fp32 result takes a bias of 16 bits, which is not known here");
}

}  // namespace

int64_t element_bytes(cudaDataType_t type) {
  switch (type) {
    case CUDA_R_64F:
      return 8;
    case CUDA_R_32F:
    case CUDA_R_32I:
      return 4;
    case CUDA_R_16F:
    case CUDA_R_16BF:
      return 2;
    default:
      return 1;
  }
}

bool is_fp8(cudaDataType_t type) { return type == CUDA_R_8F_E4M3 || type == CUDA_R_8F_E5M2; }

bool has_bias(cublasLtEpilogue_t epilogue) {
  return epilogue == CUBLASLT_EPILOGUE_BIAS || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
}

void require_supported(const LtProblem& p) {
  require_types(p);
  require_sizes(p);
  require_narrow(p);
  require_epilogue(p);
  if (p.operation.pointer_mode != CUBLASLT_POINTER_MODE_HOST)
    unsupported("alpha and beta come from the host here");
  if ((p.operation.scale_a || p.operation.scale_b) && !is_fp8(p.a.type))
    contradiction("scale factors are for fp8 inputs");
}

}  // namespace breakeven::emu
