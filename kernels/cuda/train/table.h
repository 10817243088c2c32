// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"

// Rows of tables of parameters, which are fp32. Their gradients: launch_scatter_add (memory/scatter_add.h).

namespace breakeven::cuda {

/// x[batch, tokens, width] = table[token] + positions[place], or without positions (null) rows alone.
struct Embedding {
  const float *table = nullptr, *positions = nullptr;
  int64_t batch = 0, tokens = 0, width = 0;
};
void launch_embed(Precision, const Embedding&, const int* tokens, void* x, cudaStream_t);

/// x[batch, width], e[batch, fields, width] -> z, see harness/train/program.h.
struct Interaction {
  int64_t batch = 0, fields = 0, width = 0;
};
void launch_interaction(Precision, const Interaction&, const void* x, const void* e, void* z, cudaStream_t);
void launch_interaction_bwd(Precision, const Interaction&, const void* x, const void* e, const void* dz,
                            void* dx, void* de, cudaStream_t);

}  // namespace breakeven::cuda
