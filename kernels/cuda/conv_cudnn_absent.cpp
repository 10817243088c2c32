// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// In place of conv_cudnn.cpp where cuDNN's headers were not there to build with: listed, and the reason said.

#include "kernels/cuda/cuda.h"

namespace breakeven::cuda {
namespace {

Kernel absent(const char* name) {
  Kernel kernel;
  kernel.name = name;
  kernel.summary = "cuDNN, which this build was made without";
  kernel.why_not = for_problem<Conv2d>([](const Conv2d&) -> Reason {
    return "built without cuDNN's headers (Python wheel nvidia-cudnn-cu13; copy them to the toolkit's)";
  });
  kernel.prepare = [](const Problem&, const Inputs&, const Placement&) -> std::unique_ptr<Job> {
    throw Unsupported("built without cuDNN's headers");
  };
  return kernel;
}

}  // namespace

Kernel conv_cudnn(const ContextPtr&) { return absent("cudnn"); }
Kernel conv_cudnn_best(const ContextPtr&) { return absent("cudnn_best"); }

}  // namespace breakeven::cuda
