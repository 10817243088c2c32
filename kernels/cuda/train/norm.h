// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include "harness/precision.h"

// Normalizations of [rows, columns] and what else sums over rows. Parameters, statistics and their gradients
// are fp32; `scratch` is norm_scratch floats.

namespace breakeven::cuda {

struct BatchNorm {
  int64_t rows = 0, columns = 0;
  bool relu = false;
  const float *gamma = nullptr, *beta = nullptr;
  float *mean = nullptr, *rstd = nullptr;  // of the batch, [columns]
  float *running_mean = nullptr, *running_variance = nullptr;
};

/// Statistics of the batch, then y. `moves`: the running ones move as well.
enum class Running : uint8_t { moves, stays };
void launch_batchnorm(Precision, const BatchNorm&, Running, const void* x, void* y, float* scratch,
                      cudaStream_t);
/// y by the running statistics.
void launch_batchnorm_evaluation(Precision, const BatchNorm&, const void* x, void* y, cudaStream_t);
void launch_batchnorm_bwd(Precision, const BatchNorm&, const void* x, const void* y, const void* dy, void* dx,
                          float* dgamma, float* dbeta, float* scratch, cudaStream_t);

struct LayerNorm {
  int64_t rows = 0, columns = 0;
  const float *gamma = nullptr, *beta = nullptr;
  float *mean = nullptr, *rstd = nullptr;  // [rows]
};
void launch_layernorm(Precision, const LayerNorm&, const void* x, void* y, cudaStream_t);
void launch_layernorm_bwd(Precision, const LayerNorm&, const void* x, const void* dy, void* dx, float* dgamma,
                          float* dbeta, float* scratch, cudaStream_t);

/// sums[column] (+)= the sum of a column of x.
void launch_sum_columns(Precision, const void* x, float* sums, int64_t rows, int64_t columns, bool accumulate,
                        float* scratch, cudaStream_t);
int64_t norm_scratch(int64_t rows, int64_t columns);  // floats

}  // namespace breakeven::cuda
