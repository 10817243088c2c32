// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cuda {

/// What steers a step without the host's knowing: in device memory, written by kernels alone.
struct TrainControl {
  float scale;  // of the loss; 1 but in fp16
  float clip;   // what the optimizer multiplies gradients by
  int skip;     // 1: a gradient was not finite, and the step is left out
  int good;     // steps in a row that were not
  int64_t skipped;
};

}  // namespace breakeven::cuda
