// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "harness/train/program.h"
#include "kernels/device/language.h"

// The activations of harness/train/program.h and their slopes, in fp32.

namespace breakeven::cuda {

inline constexpr float kGeluRoot = 0.7978845608028654f;  // sqrt(2 / pi)
inline constexpr float kGeluCube = 0.044715f;

__device__ inline float gelu(float x) {
  return 0.5f * x * (1 + tanhf(kGeluRoot * (x + kGeluCube * x * x * x)));
}

__device__ inline float gelu_slope(float x) {
  const float t = tanhf(kGeluRoot * (x + kGeluCube * x * x * x));
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * kGeluRoot * (1 + 3 * kGeluCube * x * x);
}

/// Not fmax: that would turn a NaN into an honest-looking 0.
__device__ inline float relu(float x) { return x < 0 ? 0 : x; }

__device__ inline float activate(float x, train::Activation activation) {
  if (activation == train::Activation::relu) return relu(x);
  if (activation == train::Activation::gelu) return gelu(x);
  return x;
}

}  // namespace breakeven::cuda
