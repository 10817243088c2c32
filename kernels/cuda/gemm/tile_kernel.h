// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "kernels/cuda/gemm_job.h"

namespace breakeven::cuda {

struct TileGrid;

/// A compiled kernel and what it was compiled with.
struct TileKernel {
  void (*entry)(GemmArguments, TileGrid);
  int tile_m, tile_n;  // elements of C per block
  int threads;
  int64_t shared_bytes;  // dynamic
};

/// See require_code in gemm_job.h.
void require_code(const TileKernel&, int oldest);

/// What the choice of a tile depends on.
struct TileMachine {
  int multiprocessors;
  int64_t shared_bytes;  // that a block may ask for
};

/// The kernel expected to be done first with `batch` matrices C[m, n]. A model, no measurement: see the .cpp.
/// Throws Unsupported when the shared memory suffices for none.
TileKernel choose_tile(std::span<const TileKernel>, const TileMachine&, int64_t batch, int64_t m, int64_t n);

/// Reasons by precision: fp16 only; bf16 too; tf32 and int8 too.
Reason why_not_fp16(const Gemm&);
Reason why_not_half(const Gemm&);
Reason why_not_mma(const Gemm&);

/// Whether mma_swizzled wants B as [n, k]: where elements are not of 16 bits. Then it takes scratch memory.
bool wants_b_turned(Precision);
int64_t turning_bytes(const Gemm&);

}  // namespace breakeven::cuda
