// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace breakeven::cpu {

/// Who owns OpenBLAS's threads; decided when it was built.
enum class BlasThreads : uint8_t { none, own_pool, openmp };

BlasThreads openblas_threading();
/// The core whose kernels it chose in this process: "Haswell", "SkylakeX".
std::string openblas_core();
std::string openblas_version();  // "0.3.21 SkylakeX, OpenMP threads"
/// Makes it use `threads` threads, bound like OpenMP's where those are bound.
void set_openblas_threads(int threads);

}  // namespace breakeven::cpu
