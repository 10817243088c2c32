// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"
#include "harness/train/optimizer.h"
#include "kernels/cuda/train/control.h"

// The arenas (harness/train/program.h) from gradients to new parameters; `size` floats, a multiple of 16.

namespace breakeven::cuda {

/// What a block finds in its part of the gradients.
struct GradientPart {
  double squares;
  int not_finite;
};
int64_t gradient_parts(int64_t size);

/// Divides the gradients by the loss scale (fp16) and looks at them; `parts`: gradient_parts of them.
void launch_gradient_parts(float* gradients, int64_t size, const TrainControl*, GradientPart* parts,
                           cudaStream_t);
enum class LossScale : uint8_t { fixed, dynamic };
/// Clip, skip and the next loss scale; `clip` 0: none.
void launch_control(const GradientPart* parts, int64_t count, float clip, LossScale, TrainControl*,
                    cudaStream_t);

struct Arenas {
  float *parameters = nullptr, *gradients = nullptr, *first = nullptr, *second = nullptr;  // moments
  const uint8_t* decays = nullptr;  // for every 16 parameters
  void* shadow = nullptr;           // the parameters in the precision of products; null: they are themselves
  int64_t size = 0;
};
struct Update {
  train::Optimizer optimizer;
  float rate = 0;
  float correction1 = 1, correction2 = 1;  // Adam's: 1 - beta^t
};
void launch_update(Precision, const Update&, const Arenas&, const TrainControl*, cudaStream_t);
/// shadow := parameters.
void launch_shadow(Precision, const Arenas&, cudaStream_t);

}  // namespace breakeven::cuda
