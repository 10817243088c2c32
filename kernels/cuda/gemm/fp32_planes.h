// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// An fp32 number has 24 significant bits, a bf16 number 8 and the same range: x = high + middle + low, each a
// bf16, high the nearest to x, middle the nearest to what is left, low to what is left then.
//
// Where the planes lie: along k, in blocks of 64 numbers; each block is its 64 middle, 64 high, 64 low parts.
// So A[m, k] becomes [m, blocks * 192], B[k, n] becomes [blocks * 192, n rounded up to 8], both zero beyond
// k.

namespace breakeven::cuda {

constexpr int kPlanes = 3, kPlaneDepth = 64, kBlockDepth = kPlanes * kPlaneDepth;

/// Elements along k of the planes of `k` numbers.
constexpr int64_t planes_depth(int64_t k) { return (k + kPlaneDepth - 1) / kPlaneDepth * kBlockDepth; }
/// Columns of B's planes: rows of whole 16 bytes, as TMA wants them.
constexpr int64_t planes_columns(int64_t n) { return (n + 7) / 8 * 8; }

/// planes[rows, planes_depth(k)] of a[rows, k]
void split_a(void* planes, const void* a, int64_t rows, int64_t k, cudaStream_t);
/// planes[batch, planes_depth(k), planes_columns(n)] of b[batch, k, n]
void split_b(void* planes, const void* b, int64_t batch, int64_t k, int64_t n, cudaStream_t);

}  // namespace breakeven::cuda
