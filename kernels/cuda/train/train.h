// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/context.h"

// Those of the catalogue (cuda.h) that train.

namespace breakeven::cuda {

Kernel train_own(const ContextPtr&);     // every operation by kernels of this project (train/*.cu)
Kernel train_vendor(const ContextPtr&);  // linear layers by cuBLASLt, convolutions by cuDNN, own for the rest

}  // namespace breakeven::cuda
