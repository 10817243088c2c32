// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// The small kernels behind Device: they compute nothing.

namespace breakeven::cuda {

/// Throws when this build holds no machine code for the current device, nor PTX it could be made from.
void check_code_for_device();

/// Occupies `stream` until `*opened` (pinned host memory) reaches `ticket`, or for `limit_seconds`, whichever
/// comes first: what is enqueued meanwhile then runs back to back, and nobody can be locked out for good.
void launch_gate(const volatile uint32_t* opened, uint32_t ticket, double limit_seconds, cudaStream_t stream);

/// Occupies `stream` for `seconds` of the device's own clock; for tests of the clock.
void launch_spin(double seconds, cudaStream_t stream);

/// *to = kArrived, by one thread: the least that shows that a kernel has run.
void launch_arrive(unsigned char* to, cudaStream_t stream);

/// to[i] = from[i] for `bytes` (a multiple of 16), by every multiprocessor.
void launch_copy(void* to, const void* from, int64_t bytes, int multiprocessors, cudaStream_t stream);

/// Reads `bytes` (a multiple of 16) and keeps nothing.
void launch_read(void* buffer, int64_t bytes, int multiprocessors, cudaStream_t stream);

}  // namespace breakeven::cuda
