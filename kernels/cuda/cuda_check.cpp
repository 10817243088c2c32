// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cuda_check.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/backend.h"

namespace breakeven::cuda {
namespace {

/// After these the context is dead and only a new process helps.
bool is_sticky(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorAssert:
    case cudaErrorContained:
    case cudaErrorDevicesUnavailable:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

}  // namespace

void check_cuda(cudaError_t status, std::string_view what, const char* file, int line) {
  if (status == cudaSuccess) return;
  const std::string message =
      fmt::format("{}: {} ({}), at {}:{}", what, cudaGetErrorString(status), cudaGetErrorName(status),
                  std::filesystem::path(file).filename().string(), line);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // not sticky: cleared, so that it is not blamed on the next launch
    throw OutOfMemory(message);
  }
  if (is_sticky(status)) throw DeviceLost(message);
  cudaGetLastError();
  throw std::runtime_error(message);
}

}  // namespace breakeven::cuda
