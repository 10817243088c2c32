// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/train/program.h"
#include "kernels/cuda/train/memory.h"
#include "kernels/cuda/train/products.h"

namespace breakeven::cuda {

/// What a pass over the program is for.
enum class Pass : uint8_t { step, differentiate, evaluation };

/// Starts one operation on the context's stream.
using TrainLaunch = std::function<void(Pass)>;

/// The operations of a program, bound to device memory. Program, memory, products and context outlive it.
/// Throws Unsupported, naming the operation.
struct LoweredProgram {
  std::vector<TrainLaunch> forward, backward;
  std::shared_ptr<const void> kept;  // what they refer to
};
LoweredProgram lower(const train::Program&, Precision, TrainMemory&, Products&, const Context&);

}  // namespace breakeven::cuda
