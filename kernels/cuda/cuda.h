// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/gemm_job.h"

// The catalogue of the CUDA backend: one function per contender, one file per function. To add one: write the
// file, declare it here, add it to the list in list.cpp and to meson.build.

namespace breakeven::cuda {

// GEMM, the ladder: each rung is one idea more than the one above it.
Kernel gemm_naive(const ContextPtr&);           // one thread per element, three loops
Kernel gemm_tiled(const ContextPtr&);           // + tiles in shared memory
Kernel gemm_register_tiled(const ContextPtr&);  // + an 8 x 8 tile of C in each thread's registers

// GEMM, NVIDIA's library, opened when first prepared.
Kernel gemm_cublaslt(const ContextPtr&);       // the algorithm its heuristic names first
Kernel gemm_cublaslt_best(const ContextPtr&);  // the fastest of up to 32 it names, timed at set-up

/// Another contender with the journey included: operands to the device, the kernel, the result back.
Kernel with_transfer(Kernel, const ContextPtr&);

/// Every contender in report order; `context` null lists them without a device.
std::vector<Kernel> kernels(const ContextPtr& context);

/// What a plugin must answer (harness/plugin.h).
Backend describe();
int count(std::string* why);
Backend open(int ordinal);

}  // namespace breakeven::cuda
