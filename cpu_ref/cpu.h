// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "harness/check.h"
#include "harness/machine.h"

namespace breakeven::cpu {

/// The judge (check.h): plain loops, long double accumulation for fp64 inputs, double otherwise.
std::vector<double> judge(const Problem&, const Inputs&, std::span<const int64_t> probes);

// The catalogue: one function per contender, one file per function.
Kernel gemm_judge();         // plain loops accumulating in double, every precision
Kernel gemm_scalar();        // three loops, no vector instructions, one thread
Kernel gemm_simd();          // packed panels and register tiles, one thread
Kernel gemm_simd_threads();  // the same on all threads
Kernel gemm_simd_widened();  // narrow formats widened first: no unit that multiplies them as they are
Kernel gemm_simd_fp16();     // AVX512_FP16, which sums in fp16
Kernel gemm_amx();           // AMX tiles
Kernel conv_judge();         // convolution by plain loops accumulating in double, every precision
Kernel conv_scalar();        // convolution by its definition, one thread
Kernel conv_im2col_simd();   // patches copied out, then the loops of simd_threads
Kernel memory_by_judge();
Kernel train_judge();  // whole trainings in double
Kernel memory_scalar();
Kernel memory_simd_threads();    // own vector loops at the rate of a copy
Kernel transfer_host();          // copies, first touches, the thread pool, the first call into OpenBLAS
Kernel transfer_first_onednn();  // the first call into oneDNN
// Defined in builds with these libraries only.
Kernel gemm_openblas();         // OpenBLAS at all threads
Kernel conv_im2col_openblas();  // patches copied out, then OpenBLAS
Kernel memory_onednn();         // oneDNN softmax, layer normalization and GELU
Kernel conv_onednn();           // oneDNN convolution, every layout its own
Kernel conv_onednn_nhwc();      // activations as given
Kernel gemm_onednn();           // oneDNN matmul, weights in the layout it prefers

Kernel train_openblas();        // training, its products by OpenBLAS
Kernel train_onednn();          // training, its products by oneDNN
Kernel train_amx();             // training, convolutions by own AMX tiles where they are faster (x86-64)

/// The CPU as a device, with `threads` workers, and every contender this build has.
Backend backend(const Machine&, int threads);

/// Environment variables a worker must be started with so that the libraries are at their best on this
/// machine (thread count, pinning, and OPENBLAS_CORETYPE where OpenBLAS does not know the CPU and would fall
/// back to kernels below its instruction set). Variables the user has set are left alone.
std::vector<std::pair<std::string, std::string>> worker_environment(const Machine&, int threads);

}  // namespace breakeven::cpu
