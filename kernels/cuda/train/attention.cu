// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Causal attention, fused: the scores never reach memory (Dao et al.: "FlashAttention", 2022). A block takes
// 32 queries of one head and passes over the keys before them, 32 at a time; largest score and sum are
// corrected as it goes (online softmax).
// Traffic: q, y once, k and v once per 32 queries, from L2.

#include <string>

#include "kernels/cuda/train/attention_tile.h"

namespace breakeven::cuda {
namespace {

/// What a row has seen so far.
struct Seen {
  float largest = -INFINITY, sum = 0;
};

/// Scores of the thread's keys become exponentials in `scores`; the factor by which what was summed before
/// counts.
__device__ inline float take_scores(Seen& seen, float (&score)[kScores], float* scores_of_row) {
  float largest = seen.largest;
#pragma unroll
  for (int j = 0; j < kScores; ++j) largest = fmaxf(largest, score[j]);
  largest = over_row<Largest>(largest);
  const float factor = expf(seen.largest - largest);
  float sum = 0;
#pragma unroll
  for (int j = 0; j < kScores; ++j) {
    const float e = expf(score[j] - largest);
    scores_of_row[threadIdx.x % kRowThreads + kRowThreads * j] = e;
    sum += e;
  }
  seen = {largest, seen.sum * factor + over_row<Sum>(sum)};
  return factor;
}

template <int padded, class T>
__global__ void __launch_bounds__(kAttentionThreads, kAttentionBlocks)
    attention(Attention a, const T* __restrict__ qkv, T* __restrict__ y, float* __restrict__ lse) {
  constexpr int kPitch = kHeadPitch<padded>;
  float* const q = reinterpret_cast<float*>(device::dynamic_shared());
  float* const k = q + kHeadFloats<padded>;
  float* const v = k + kHeadFloats<padded>;
  float* const scores = v + kHeadFloats<padded>;
  const AttentionPlace at = attention_place(a, true);
  const int64_t model = a.heads * a.width;
  const T* const head = qkv + at.batch * a.tokens * 3 * model + at.head * a.width;
  const int row = threadIdx.x / kRowThreads, part = threadIdx.x % kRowThreads;
  const int query = at.tile * kAttentionTile + row;
  const float scale = 1 / sqrtf(static_cast<float>(a.width));
  load_head<padded>(q, head, 3 * model, at.tile * kAttentionTile, a);
  HeadSums<padded> sum = {};
  Seen seen;
  for (int tile = 0; tile <= at.tile; ++tile) {
    const int first = tile * kAttentionTile;
    load_head<padded>(k, head + model, 3 * model, first, a);
    load_head<padded>(v, head + 2 * model, 3 * model, first, a);
    __syncthreads();
    float score[kScores];
#pragma unroll
    for (int j = 0; j < kScores; ++j) {
      const int key = part + kRowThreads * j;
      const bool met = first + key <= query && first + key < a.tokens;
      score[j] = met ? scale * dot<padded>(q + row * kPitch, k + key * kPitch) : -INFINITY;
    }
    const float factor = take_scores(seen, score, scores + row * kScorePitch);
    __syncwarp();  // a row's threads are in one warp
#pragma unroll
    for (float& s : sum) s *= factor;
    add_weighted<padded>(sum, scores + row * kScorePitch, 1, v);
    __syncthreads();  // the tiles may be written again
  }
  T* const out = y + at.batch * a.tokens * model + at.head * a.width;
  store_head<padded>(out, model, at.tile * kAttentionTile, a, sum, 1 / seen.sum);
  if (part == 0 && query < a.tokens)
    lse[(at.batch * a.heads + at.head) * a.tokens + query] = seen.largest + logf(seen.sum);
}

}  // namespace

Reason why_not_attention(const Attention& a, int64_t most_shared) {
  if (a.width > kMostHeadWidth)
    return "attention's kernel takes heads of up to 128 columns, not " + std::to_string(a.width);
  const int64_t backward = attention_bwd_shared_bytes(a);
  if (backward > most_shared) {
    return "attention's kernel needs " + std::to_string(backward) +
           " bytes of shared memory for such heads, and this device has " + std::to_string(most_shared);
  }
  return std::nullopt;
}

void launch_attention(Precision precision, const Attention& a, const void* qkv, void* y, float* lse,
                      cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    with_padded_width(a.width, [&]<int padded>() {
      const int64_t floats = 3 * kHeadFloats<padded> + kAttentionTile * kScorePitch;
      device::launch("train attention", attention<padded, T>, attention_shape(a, floats), stream, a,
                     static_cast<const T*>(qkv), static_cast<T*>(y), lse);
    });
  });
}

}  // namespace breakeven::cuda
