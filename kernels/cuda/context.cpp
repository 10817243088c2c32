// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/context.h"

namespace breakeven::cuda {

Context::Context(int ordinal) : ordinal_(ordinal) {
  use();
  check_cuda(cudaGetDeviceProperties(&properties_, ordinal), "cudaGetDeviceProperties");
  stream_ = std::make_unique<Stream>();  // only now: a stream belongs to the device that is current
}

}  // namespace breakeven::cuda
