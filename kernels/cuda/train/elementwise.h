// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include "harness/precision.h"
#include "harness/train/program.h"

// Operations on element after element of dense arrays; `count` elements, stored as the precision says.

namespace breakeven::cuda {

void launch_activation(Precision, train::Activation, const void* x, void* y, int64_t count, cudaStream_t);
/// relu: `seen` is y; gelu: x.
void launch_activation_bwd(Precision, train::Activation, const void* seen, const void* dy, void* dx,
                           int64_t count, cudaStream_t);
void launch_add(Precision, const void* a, const void* b, void* sum, int64_t count, cudaStream_t);
/// y := act(y + bias) over rows of `columns`; bias null: none. With gelu, `before` receives y + bias.
void launch_bias_activation(Precision, train::Activation, const float* bias, void* y, void* before,
                            int64_t count, int64_t columns, cudaStream_t);
/// Stored -> fp32.
void launch_widen(Precision, const void* from, float* to, int64_t count, cudaStream_t);

}  // namespace breakeven::cuda
