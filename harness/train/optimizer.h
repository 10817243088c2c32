// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::train {

enum class OptimizerKind : uint8_t { sgd, adamw, adagrad };

/// One update of every parameter p with gradient g at learning rate r, in fp32. First of all, with clip > 0,
/// g *= min(1, clip / |g|), |g| the norm over the whole arena. Decay (d) is 0 for parameters that do not
/// decay.
///   sgd      g += d p; m = momentum m + g; p -= r (g + momentum m)               (Nesterov)
///   adamw    p -= r d p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
///            p -= r (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)    (Loshchilov, Hutter 2019)
///   adagrad  v += g^2; p -= r g / (sqrt(v) + epsilon)                            (Duchi, Hazan, Singer 2011)
struct Optimizer {
  OptimizerKind kind = OptimizerKind::sgd;
  float momentum = 0.9f;
  float beta1 = 0.9f, beta2 = 0.95f;
  float epsilon = 1e-8f;
  float decay = 0;
  float clip = 0;
};

/// Dynamic loss scaling of fp16: gradients that are not finite leave the step out and halve the scale; so
/// many good steps in a row double it.
inline constexpr float kFirstLossScale = 16384.0f;
inline constexpr float kMostLossScale = 16777216.0f;
inline constexpr int kStepsToDouble = 200;

}  // namespace breakeven::train
