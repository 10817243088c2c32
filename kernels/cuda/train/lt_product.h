// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/lt_matmul.h"
#include "kernels/cuda/train/products.h"

namespace breakeven::cuda {

/// A linear layer in one direction by cuBLASLt, which thinks in columns (lt_matmul.h):
///
///     direction         Lt's D (column-major)   Lt's A          Lt's B
///     forward           y: out x rows           W, transposed   x
///     backward_data     dx: in x rows           W               dy
///     backward_weights  dW: in x out, fp32      x               dy, transposed
class LtProduct {
 public:
  /// Takes the algorithm that the heuristic names first. Throws Unsupported when it names none.
  LtProduct(const CublasLt&, cublasLtHandle_t, const PlacedProduct&);
  int64_t workspace_bytes() const { return static_cast<int64_t>(algorithm_.workspaceSize); }
  /// scale times the product, added to what is there where the end says so. Neither bias nor activation.
  void launch(const DeviceBuffer& workspace, cudaStream_t) const;

 private:
  void choose();

  const CublasLt& lt_;
  cublasLtHandle_t handle_;
  Precision precision_;
  const void *a_pointer_, *b_pointer_;
  void* d_pointer_;
  float alpha_, beta_;
  LtOwned<cublasLtMatmulDesc_t> operation_;
  LtOwned<cublasLtMatrixLayout_t> a_, b_, d_;
  cublasLtMatmulHeuristicResult_t algorithm_{};
};

}  // namespace breakeven::cuda
