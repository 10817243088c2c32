// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <source_location>
#include <string_view>

namespace breakeven::cuda {

/// Throws when a runtime call failed: `OutOfMemory`, `DeviceLost` for errors after which the CUDA context is
/// unusable (every later call returns them too), `std::runtime_error` for the rest.
void check_cuda(cudaError_t status, std::string_view what,
                std::source_location where = std::source_location::current());

/// Right after `<<<>>>`: a launch returns nothing, its errors (bad grid, no code for this GPU) wait here.
inline void check_launch(std::string_view kernel, std::source_location where = std::source_location::current()) {
  check_cuda(cudaGetLastError(), kernel, where);
}

}  // namespace breakeven::cuda
