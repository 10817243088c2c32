// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/lt/arithmetic.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <bit>
#include <cstring>
#include <type_traits>
#include <vector>

namespace breakeven::emu {
namespace {

template <class T>
T element(const void* matrix, int64_t index) {
  return static_cast<const T*>(matrix)[index];
}

/// Element `index`, exactly.
template <class Sum>
Sum load(const void* matrix, cudaDataType_t type, int64_t index) {
  switch (type) {
    case CUDA_R_64F:
      return static_cast<Sum>(element<double>(matrix, index));
    case CUDA_R_32F:
      return static_cast<Sum>(element<float>(matrix, index));
    case CUDA_R_16BF:
      return static_cast<Sum>(__bfloat162float(element<__nv_bfloat16>(matrix, index)));
    case CUDA_R_16F:
      return static_cast<Sum>(__half2float(element<__half>(matrix, index)));
    case CUDA_R_8F_E4M3:
      return static_cast<Sum>(static_cast<float>(element<__nv_fp8_e4m3>(matrix, index)));
    case CUDA_R_32I:
      return static_cast<Sum>(element<int32_t>(matrix, index));
    default:
      return static_cast<Sum>(element<int8_t>(matrix, index));
  }
}

template <class Sum>
void store(void* matrix, cudaDataType_t type, int64_t index, Sum value) {
  switch (type) {
    case CUDA_R_64F:
      static_cast<double*>(matrix)[index] = static_cast<double>(value);
      return;
    case CUDA_R_16BF:
      static_cast<__nv_bfloat16*>(matrix)[index] = __float2bfloat16_rn(static_cast<float>(value));
      return;
    case CUDA_R_16F:
      static_cast<__half*>(matrix)[index] = __float2half_rn(static_cast<float>(value));
      return;
    case CUDA_R_32I:
      static_cast<int32_t*>(matrix)[index] = static_cast<int32_t>(value);
      return;
    default:
      static_cast<float*>(matrix)[index] = static_cast<float>(value);
  }
}

/// To the nearest tf32, ties away from zero (what cvt.rna does).
float rounded_to_tf32(float x) {
  return std::bit_cast<float>((std::bit_cast<uint32_t>(x) + 0x1000u) & ~0x1FFFu);
}
/// What Hopper's fp8 tensor cores keep of a sum without promotion: 13 bits behind the point.
float cut(float x) { return std::bit_cast<float>(std::bit_cast<uint32_t>(x) & ~0x3FFu); }

/// One batch of op(matrix) as rows of k elements: A's rows, B's columns.
template <class Sum>
std::vector<Sum> rows_of(const void* matrix, const LtLayout& layout, int64_t batch, bool k_by_columns,
                         bool tf32) {
  const int64_t rows = k_by_columns ? layout.rows : layout.columns;
  const int64_t k = k_by_columns ? layout.columns : layout.rows;
  const int64_t row_stride = k_by_columns ? layout.row_stride() : layout.column_stride();
  const int64_t k_stride = k_by_columns ? layout.column_stride() : layout.row_stride();
  std::vector<Sum> out(static_cast<size_t>(rows * k));
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < k; ++i) {
      Sum value =
          load<Sum>(matrix, layout.type, batch * layout.batch_stride + row * row_stride + i * k_stride);
      if constexpr (std::is_same_v<Sum, float>) {
        if (tf32) value = rounded_to_tf32(value);
      }
      out[static_cast<size_t>(row * k + i)] = value;
    }
  }
  return out;
}

/// Sum over [from, to) of x[i] y[i]. Integers wrap, as they do in the hardware.
template <class Sum>
Sum dot(const Sum* x, const Sum* y, int64_t from, int64_t to, bool backwards, bool fast) {
  using Safe = std::conditional_t<std::is_integral_v<Sum>, uint32_t, Sum>;
  Safe sum = 0;
  for (int64_t step = 0; step < to - from; ++step) {
    const int64_t i = backwards ? to - 1 - step : from + step;
    sum += static_cast<Safe>(x[i]) * static_cast<Safe>(y[i]);
    if constexpr (std::is_same_v<Sum, float>) {
      if (fast && step % 32 == 31) sum = cut(sum);
    }
  }
  return static_cast<Sum>(sum);
}

template <class Sum>
class Multiplication {
 public:
  explicit Multiplication(const LtWork& work) : work_(work), p_(work.problem) {
    if (is_fp8(p_.a.type)) {
      for (const void* factor : {p_.operation.scale_a, p_.operation.scale_b}) {
        if (factor) scale_ *= element<float>(factor, 0);
      }
    }
  }

  void run() {
    // Whatever an algorithm asked for it may also write: nobody else's data survives there.
    if (work_.workspace_bytes > 0) std::memset(work_.workspace, 0xFF, work_.workspace_bytes);
    const bool tf32 =
        work_.idea == LtIdea::tensor_cores || p_.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
    for (int64_t batch = 0; batch < p_.d.batch; ++batch) {
      const auto a = rows_of<Sum>(work_.a, p_.a, batch, p_.operation.transpose_a == CUBLAS_OP_N, tf32);
      const auto b = rows_of<Sum>(work_.b, p_.b, batch, p_.operation.transpose_b == CUBLAS_OP_T, tf32);
      for (int64_t column = 0; column < p_.d.columns; ++column) {
        for (int64_t row = 0; row < p_.d.rows; ++row) {
          const Sum sum = sum_of(a.data() + row * p_.k(), b.data() + column * p_.k(), batch, row, column);
          finish(sum, batch, row, column);
        }
      }
    }
  }

 private:
  Sum sum_of(const Sum* x, const Sum* y, int64_t batch, int64_t row, int64_t column) {
    const bool fast = p_.operation.fast_accumulation != 0 && is_fp8(p_.a.type);
    const int64_t k = p_.k();
    if (work_.idea != LtIdea::split_k) return dot(x, y, 0, k, work_.idea == LtIdea::backwards, fast);
    // Both halves by way of the workspace, as they would meet there.
    auto* partial =
        reinterpret_cast<Sum*>(work_.workspace) + 2 * ((batch * p_.d.columns + column) * p_.d.rows + row);
    partial[0] = dot(x, y, 0, k / 2, false, fast);
    partial[1] = dot(x, y, k / 2, k, false, fast);
    return static_cast<Sum>(partial[0] + partial[1]);
  }

  void finish(Sum sum, int64_t batch, int64_t row, int64_t column) {
    const auto at = [&](const LtLayout& l) {
      return batch * l.batch_stride + row * l.row_stride() + column * l.column_stride();
    };
    Sum value = static_cast<Sum>(static_cast<Sum>(work_.alpha) * static_cast<Sum>(scale_) * sum);
    if (work_.beta != 0) value += static_cast<Sum>(work_.beta) * load<Sum>(work_.c, p_.c.type, at(p_.c));
    const cublasLtEpilogue_t epilogue = p_.operation.epilogue;
    if (has_bias(epilogue)) value += load<Sum>(p_.operation.bias, p_.d.type, row);
    const bool relu = epilogue == CUBLASLT_EPILOGUE_RELU || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
    if (relu && value < 0) value = 0;
    store(work_.d, p_.d.type, at(p_.d), value);
  }

  const LtWork& work_;
  const LtProblem& p_;
  double scale_ = 1;
};

}  // namespace

void multiply(const LtWork& work) {
  switch (work.problem.operation.compute) {
    case CUBLAS_COMPUTE_64F:
      return Multiplication<double>(work).run();
    case CUBLAS_COMPUTE_32I:
      return Multiplication<int32_t>(work).run();
    default:
      return Multiplication<float>(work).run();
  }
}

}  // namespace breakeven::emu
