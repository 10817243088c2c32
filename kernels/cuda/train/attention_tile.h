// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "kernels/cuda/memory/row.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/attention.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/device/launch.h"

// What attention forward and backward share: tiles of 32 tokens of one head in shared memory, in fp32, rows
// padded by one word so that neighbouring rows lie in different banks. Of a tile, four neighbouring threads
// take a row, each every fourth column.

namespace breakeven::cuda {

inline constexpr int kAttentionTile = 32, kAttentionThreads = 128, kRowThreads = 4;
inline constexpr int kMostHeadWidth = 128, kMostOfRow = kMostHeadWidth / kRowThreads;
inline constexpr int kScorePitch = kAttentionTile + 1, kScores = kAttentionTile / kRowThreads;

struct AttentionPlace {
  int64_t batch;
  int head, tile;
};
/// Tiles with the most to do first: those of late queries (`late_first`) or of early keys.
__device__ inline AttentionPlace attention_place(const Attention& a, bool late_first) {
  const int tiles = static_cast<int>((a.tokens + kAttentionTile - 1) / kAttentionTile);
  const int64_t pairs = a.batch * a.heads, pair = blockIdx.x % pairs;
  const int tile = static_cast<int>(blockIdx.x / pairs);
  return {pair / a.heads, static_cast<int>(pair % a.heads), late_first ? tiles - 1 - tile : tile};
}
inline device::Shape attention_shape(const Attention& a, int64_t shared_floats) {
  const int64_t tiles = (a.tokens + kAttentionTile - 1) / kAttentionTile;
  return {.grid = block_count(a.batch * a.heads * tiles),
          .block = kAttentionThreads,
          .shared_bytes = shared_floats * 4};
}

/// Floats of a tile.
__device__ __host__ inline int64_t attention_tile_floats(const Attention& a) {
  return kAttentionTile * (a.width + 1);
}

/// to[row][column] from token first + row of one head of an array of `pitch` elements a token; zero beyond
/// the last token.
template <class T>
__device__ inline void load_head(float* to, const T* head, int64_t pitch, int first, const Attention& a) {
  const int width = static_cast<int>(a.width);
  for (int i = threadIdx.x; i < kAttentionTile * width; i += kAttentionThreads) {
    const int row = i / width, column = i % width, token = first + row;
    to[row * (width + 1) + column] = token < a.tokens ? widen(head[token * pitch + column]) : 0;
  }
}

/// The tile's rows of thread-owned sums to memory.
template <class T>
__device__ inline void store_head(T* head, int64_t pitch, int first, const Attention& a,
                                  const float (&sum)[kMostOfRow], float factor) {
  const int token = first + static_cast<int>(threadIdx.x) / kRowThreads;
  if (token >= a.tokens) return;
#pragma unroll
  for (int j = 0; j < kMostOfRow; ++j) {
    const int column = static_cast<int>(threadIdx.x) % kRowThreads + kRowThreads * j;
    if (column < a.width) head[token * pitch + column] = narrow<T>(sum[j] * factor);
  }
}

__device__ inline float dot(const float* a, const float* b, int width) {
  float sum = 0;
#pragma unroll 4
  for (int i = 0; i < width; ++i) sum += a[i] * b[i];
  return sum;
}

template <class Operation>
__device__ inline float over_row(float value) {
  value = Operation::of(value, __shfl_xor_sync(0xFFFFFFFFu, value, 1));
  return Operation::of(value, __shfl_xor_sync(0xFFFFFFFFu, value, 2));
}

}  // namespace breakeven::cuda
