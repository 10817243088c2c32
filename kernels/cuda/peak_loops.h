// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"

// Loops of nothing but multiply-adds, one file per unit of the GPU. They fetch nothing from device memory,
// and their operands are random bits, because zeros draw less power and so run at higher clocks than real
// data.

namespace breakeven::cuda {

struct PeakRun {
  Precision precision;
  int iterations;
  int multiprocessors;
  uint32_t* ran;  // device memory: set to 1 by code that exists for this device, else left alone
  cudaStream_t stream;
};

/// Each enqueues one run and returns the flops it does; 0 when the unit has no such precision.
using PeakLoop = double (*)(const PeakRun&);

double fma_loop(const PeakRun&);   // CUDA cores: fp32 (and what is computed in it), fp64
double wmma_loop(const PeakRun&);  // tensor cores by warps, WMMA: fp64, tf32, bf16, fp16, int8
double mma_loop(
    const PeakRun&);  // tensor cores by warps, PTX mma: fp64 (compute capability 9.0), fp8 (8.9, 12.0)
double wgmma_loop(const PeakRun&);  // tensor cores by groups of four warps, from shared memory (9.0 only)

}  // namespace breakeven::cuda
