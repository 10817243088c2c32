// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <string>

namespace breakeven::emu {

/// late: not before somebody waits for the stream.
enum class Begin : uint8_t { any_time, late };

/// Puts a kernel at the end of a stream; it runs when somebody waits for the stream, or earlier by seed.
/// Returns what a launch would: a stream that is unknown, destroyed or of another device, or the error that
/// killed the device before. What `run` throws kills the device, as a fault does a real one.
cudaError_t enqueue(cudaStream_t, std::function<void()> run, std::string what = "kernel",
                    Begin begin = Begin::any_time);

}  // namespace breakeven::emu
