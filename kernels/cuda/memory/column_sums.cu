// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The second kernel of layernorm_bwd: what the blocks have summed of their rows becomes dgamma and dbeta.
// A block takes 32 columns; each of its 32 warps every 32nd part, and then one adds up the warps'.

#include "kernels/cuda/memory/column_sums.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kColumns = 32, kWarps = 32;

__global__ void __launch_bounds__(kColumns* kWarps)
    column_sums(const float* __restrict__ partial, int parts, int count, int split, float* __restrict__ first,
                float* __restrict__ second) {
  auto& shared = device::static_shared<float[kWarps][kColumns]>();
  const int warp = threadIdx.x / kColumns, lane = threadIdx.x % kColumns;
  const int column = blockIdx.x * kColumns + lane;
  float sum = 0;
  if (column < count) {
#pragma unroll 4
    for (int part = warp; part < parts; part += kWarps) sum += partial[int64_t{part} * count + column];
  }
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || column >= count) return;
  for (int other = 1; other < kWarps; ++other) sum += shared[other][lane];
  (column < split ? first[column] : second[column - split]) = sum;
}

}  // namespace

void launch_column_sums(const float* partial, int parts, int count, int split, float* first, float* second,
                        cudaStream_t stream) {
  device::launch("memory column_sums", column_sums,
                 {.grid = block_count((count + kColumns - 1) / kColumns), .block = kColumns * kWarps}, stream,
                 partial, parts, count, split, first, second);
}

}  // namespace breakeven::cuda
