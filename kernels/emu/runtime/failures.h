// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace breakeven::emu {

/// What can be made to go wrong, for tests of the program around the device:
/// $BREAKEVEN_EMU_FAIL=KIND[:PART], PART limiting a failure to kernels whose name contains it.
///
///     no_driver, stub, driver_too_old, no_device   nothing can be opened
///     capability_50       a GPU that this build has no code for
///     no_memory           every allocation of device memory fails
///     fault[:PART]        a kernel touches memory that is not its own
///     hang[:PART]         a kernel never ends
///     no_capture[:PART]   a stream that captures refuses what is submitted to it
///     no_graph            a captured graph cannot be made executable
///     no_cublaslt, no_cudnn   the library is not there
///     no_wide_gradients   cuDNN leaves gradients of 16-bit filters in 16 bits
bool failing(std::string_view kind);
/// The same for kernels: `name` must contain PART.
bool failing(std::string_view kind, std::string_view name);

}  // namespace breakeven::emu
