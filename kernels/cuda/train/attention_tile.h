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
// padded by one word so that neighbouring rows lie in different banks. Heads are taken as 32, 64 or 128
// columns wide (`padded`), with zeros beyond their own, so that every loop's length is known. Of a tile, four
// neighbouring threads take a row, each every fourth column.

namespace breakeven::cuda {

inline constexpr int kAttentionTile = 32, kAttentionThreads = 128, kRowThreads = 4;
inline constexpr int kAttentionBlocks = 4;  // that should fit a multiprocessor: 128 registers a thread
inline constexpr int kMostHeadWidth = 128;
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

/// Calls `f.operator()<padded>()`.
template <class F>
void with_padded_width(int64_t width, const F& f) {
  if (width <= 32) return f.template operator()<32>();
  if (width <= 64) return f.template operator()<64>();
  f.template operator()<128>();
}

/// The thread's columns of its row.
template <int padded>
using HeadSums = float[padded / kRowThreads];
template <int padded>
inline constexpr int kHeadPitch = padded + 1;
template <int padded>
inline constexpr int kHeadFloats = kAttentionTile* kHeadPitch<padded>;  // of a tile

/// to[row][column] from token first + row of one head of an array of `pitch` elements a token; zero beyond
/// the last token and column.
template <int padded, class T>
__device__ inline void load_head(float* to, const T* head, int64_t pitch, int first, const Attention& a) {
  for (int i = threadIdx.x; i < kAttentionTile * padded; i += kAttentionThreads) {
    const int row = i / padded, column = i % padded, token = first + row;
    const bool inside = token < a.tokens && column < a.width;
    to[row * kHeadPitch<padded> + column] = inside ? widen(head[token * pitch + column]) : 0;
  }
}

/// The tile's rows of thread-owned sums to memory.
template <int padded, class T>
__device__ inline void store_head(T* head, int64_t pitch, int first, const Attention& a,
                                  const HeadSums<padded>& sum, float factor) {
  const int token = first + static_cast<int>(threadIdx.x) / kRowThreads;
  if (token >= a.tokens) return;
#pragma unroll
  for (int j = 0; j < padded / kRowThreads; ++j) {
    const int column = static_cast<int>(threadIdx.x) % kRowThreads + kRowThreads * j;
    if (column < a.width) head[token * pitch + column] = narrow<T>(sum[j] * factor);
  }
}

/// sum += weights[i * step] rows[i], over a tile.
template <int padded>
__device__ inline void add_weighted(HeadSums<padded>& sum, const float* weights, int step,
                                    const float* rows) {
  rows += threadIdx.x % kRowThreads;
#pragma unroll 4
  for (int i = 0; i < kAttentionTile; ++i) {
    const float weight = weights[i * step];
#pragma unroll
    for (int j = 0; j < padded / kRowThreads; ++j)
      sum[j] += weight * rows[i * kHeadPitch<padded> + kRowThreads * j];
  }
}

template <int padded>
__device__ inline float dot(const float* a, const float* b) {
  float sum = 0;
#pragma unroll 16
  for (int i = 0; i < padded; ++i) sum += a[i] * b[i];
  return sum;
}

template <class Operation>
__device__ inline float over_row(float value) {
  value = Operation::of(value, __shfl_xor_sync(0xFFFFFFFFu, value, 1));
  return Operation::of(value, __shfl_xor_sync(0xFFFFFFFFu, value, 2));
}

}  // namespace breakeven::cuda
