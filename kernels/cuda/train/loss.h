// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"
#include "kernels/cuda/train/control.h"

namespace breakeven::cuda {

/// Sums over an evaluation, in device memory.
struct EvaluationSums {
  double loss;
  int64_t correct;
};

/// Of logits[rows, columns] (one column: the binary one) and a label a row. Row by row into `row_loss` and
/// `row_correct` [rows]; `gradient`, unless null, becomes that of the mean loss times the control's scale.
struct LossRows {
  int64_t rows = 0, columns = 0;
  const int* labels = nullptr;
  float* row_loss = nullptr;
  int* row_correct = nullptr;
};
void launch_cross_entropy(Precision, const LossRows&, const void* logits, void* gradient, const TrainControl*,
                          cudaStream_t);
void launch_binary_cross_entropy(Precision, const LossRows&, const void* logits, void* gradient,
                                 const TrainControl*, cudaStream_t);

/// The mean of row_loss to both places.
void launch_mean_loss(const LossRows&, float* loss, float* kept, cudaStream_t);
/// The first `counted` rows are added to the sums.
void launch_count_rows(const LossRows&, int64_t counted, EvaluationSums*, cudaStream_t);

}  // namespace breakeven::cuda
