// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "harness/gemm.h"
#include "kernels/cuda/cublaslt_library.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/gemm_job.h"

namespace breakeven::cuda {

/// How B lies in memory: [k, n] as the problem gives it, or [n, k], which fp8 and int8 tensor cores demand.
enum class BLayout : uint8_t { as_given, k_major };
BLayout b_layout(Precision);

/// One of Lt's objects, destroyed by the function that goes with it.
template <class Handle>
using LtOwned = std::unique_ptr<std::remove_pointer_t<Handle>, cublasStatus_t (*)(Handle)>;
LtOwned<cublasLtHandle_t> lt_handle(const CublasLt&);

/// Does the algorithm say that it uses tensor cores? They have no IEEE fp32; with it they would round the
/// inputs.
bool uses_tensor_cores(const CublasLt&, const cublasLtMatmulAlgo_t&);

/// One GEMM described to cuBLASLt, which thinks in columns.
///
/// A row-major matrix is, byte for byte, the column-major matrix of its transpose. So C = A B in rows is
/// asked for as C^T = B^T A^T in columns, and nothing is ever moved:
///
///     Lt's   is our   as a column-major matrix   leading dimension   operation
///     A      B        n x k   (k_major: k x n)   n   (k_major: k)    none   (k_major: transpose)
///     B      A        k x m                      k                   none
///     C, D   C        n x m                      n
///
/// Lt's bias has one element per row of D: that is our bias[n].
class LtMatmul {
 public:
  /// `scale`: a 1.0f in device memory, for fp8. `handle`, `scale` and the pointers in `sample` are kept, not
  /// owned.
  LtMatmul(const CublasLt&, cublasLtHandle_t handle, const Gemm&, const GemmArguments& sample,
           const void* scale);

  /// Algorithms that can do it within `workspace_bytes`, the one that Lt expects to be fastest first. At most
  /// `most`, perhaps none. For fp32 without those that would use tensor cores.
  std::vector<cublasLtMatmulHeuristicResult_t> algorithms(int most, int64_t workspace_bytes) const;
  void run(const GemmArguments&, const cublasLtMatmulAlgo_t&, const DeviceBuffer& workspace, cudaStream_t);
  /// "algorithm 66, tile 20, stages 36, cluster 3, split-k 1": the numbers are those of cublasLt.h.
  std::string describe(const cublasLtMatmulAlgo_t&) const;

 private:
  LtOwned<cublasLtMatrixLayout_t> matrix(cudaDataType_t, int64_t rows, int64_t columns) const;

  const CublasLt& lt_;
  cublasLtHandle_t handle_;
  Gemm gemm_;
  LtOwned<cublasLtMatmulDesc_t> operation_;
  LtOwned<cublasLtMatrixLayout_t> a_, b_, d_;
};

}  // namespace breakeven::cuda
