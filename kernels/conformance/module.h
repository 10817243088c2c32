// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <span>

// The probes' kernels are built twice, as two modules that are opened at run time: for a GPU, and for the
// emulator. Each exports one function.

extern "C" {

/// Runs probe `name` on host bytes. Null: done. A sentence that begins with "skip: ": this machine cannot.
/// Any other sentence: it failed. The sentence stands until the next call.
const char* breakeven_conformance(const char* name, const void* input, int64_t input_bytes, void* output,
                                  int64_t output_bytes);
using BreakevenConformance = decltype(&breakeven_conformance);
}

namespace breakeven::conformance {

/// What a GPU must have: any we support, Ampere's instructions, Ada's fp8, Hopper's (sm_90a and no other).
enum class Needs : uint8_t { turing, ampere, ada, hopper };

/// One probe's kernel: device memory to device memory, the output filled with 0xFF before.
struct Launcher {
  const char* name;
  Needs needs;
  void (*launch)(const std::byte* input, std::byte* output, cudaStream_t);
};

std::span<const Launcher> mma_probes();
std::span<const Launcher> wmma_probes();
std::span<const Launcher> wgmma_probes();
std::span<const Launcher> move_probes();
std::span<const Launcher> tma_probes();
std::span<const Launcher> order_probes();

}  // namespace breakeven::conformance
