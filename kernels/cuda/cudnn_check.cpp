// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "harness/backend.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/cudnn_library.h"

namespace breakeven::cuda {

std::string Cudnn::words(cudnnStatus_t status) const {
  std::array<char, 1024> condition{};
  last_error_string(condition.data(), condition.size());
  condition.back() = 0;
  // Some conditions come with the library's source lines; a reason is one line.
  const size_t length = std::strcspn(condition.data(), "\r\n");
  if (length == 0) return error_string(status);
  return fmt::format("{} ({})", error_string(status), std::string_view(condition.data(), length));
}

void Cudnn::check(cudnnStatus_t status, std::string_view what) const {
  if (status == CUDNN_STATUS_SUCCESS) return;
  const std::string message = fmt::format("cuDNN {}: {}: {}", version, what, words(status));
  if (status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
      status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED) {
    throw OutOfMemory(message);
  }
  // Codes come in thousands: 3xxx is what the library cannot do, 2xxx a fault of ours, which no other engine
  // may cover up.
  if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_BAD_PARAM) throw std::logic_error(message);
  if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) throw Unsupported(message);
  // Whether the context died of it, the device knows.
  check_cuda(cudaDeviceSynchronize(), message);
  throw std::runtime_error(message);
}

}  // namespace breakeven::cuda
