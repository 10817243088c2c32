// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"

namespace breakeven::cuda {

/// Windows of `size` x `size`, side by side, over x[images, height, width, channels].
struct MaxPool {
  int64_t images = 0, height = 0, width = 0, channels = 0, size = 1;
};
void launch_maxpool(Precision, const MaxPool&, const void* x, void* y, cudaStream_t);
/// To the first largest of each window, in row-major order.
void launch_maxpool_bwd(Precision, const MaxPool&, const void* x, const void* y, const void* dy, void* dx,
                        cudaStream_t);

}  // namespace breakeven::cuda
