// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/backend.h"
#include "harness/precision.h"

namespace breakeven::cuda {

/// Causal attention over qkv[batch, tokens, 3 x heads x width], see harness/train/program.h.
struct Attention {
  int64_t batch = 0, tokens = 0, heads = 0, width = 0;
};
/// `most_shared`: bytes of shared memory that a block may have.
Reason why_not_attention(const Attention&, int64_t most_shared);

int64_t attention_bwd_shared_bytes(const Attention&);  // of a block

void launch_attention(Precision, const Attention&, const void* qkv, void* y, float* lse, cudaStream_t);
void launch_attention_bwd(Precision, const Attention&, const void* qkv, const void* y, const float* lse,
                          const void* dy, void* dqkv, cudaStream_t);

}  // namespace breakeven::cuda
