// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "harness/backend.h"
#include "kernels/cuda/cublaslt_library.h"
#include "kernels/cuda/cuda_check.h"

namespace breakeven::cuda {

void CublasLt::check(cublasStatus_t status, std::string_view what) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string message = fmt::format("cuBLASLt {}: {}: {}", version, what, status_string(status));
  switch (status) {
    case CUBLAS_STATUS_NOT_SUPPORTED:
    case CUBLAS_STATUS_ARCH_MISMATCH:
      throw Unsupported(message);
    case CUBLAS_STATUS_ALLOC_FAILED:
      throw OutOfMemory(message);
    default:
      // The library calls whatever went wrong on the device an execution or internal error; whether the
      // context died of it, the device knows.
      check_cuda(cudaDeviceSynchronize(), message);
      throw std::runtime_error(message);
  }
}

}  // namespace breakeven::cuda
