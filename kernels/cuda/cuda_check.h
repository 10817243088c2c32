// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <string_view>

namespace breakeven::cuda {

/// Throws when a runtime call failed: `OutOfMemory`, `DeviceLost` for errors after which the CUDA context is
/// unusable (every later call returns them too), `std::runtime_error` for the rest.
/// The defaults name the caller. (std::source_location would, but clang 14 does not have it.)
void check_cuda(cudaError_t status, std::string_view what, const char* file = __builtin_FILE(),
                int line = __builtin_LINE());

/// Right after `<<<>>>`: a launch returns nothing, its errors (bad grid, no code for this GPU) wait here.
inline void check_launch(std::string_view kernel, const char* file = __builtin_FILE(),
                         int line = __builtin_LINE()) {
  check_cuda(cudaGetLastError(), kernel, file, line);
}

}  // namespace breakeven::cuda
