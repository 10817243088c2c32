// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The gradient of attention, scores computed again: one kernel whose blocks keep 32 queries and pass over the
// keys before them (dq), one whose blocks keep 32 keys and pass over the queries after them (dk, dv). So
// nothing is ever added to memory by two, and repeats are equal to the bit.
//   p = exp(scale q k - lse), dp = dy v, ds = scale p (dp - sum of dy y), dq = ds k, dk = ds^T q, dv = p^T dy

#include "kernels/cuda/train/attention_tile.h"

namespace breakeven::cuda {
namespace {

/// The arrays of one head, and the shared memory of a block.
template <int padded, class T>
struct BackwardHead {
  Attention a;
  const T *qkv, *y, *dy;
  const float* lse;
  float *q, *dy_tile, *k, *v, *p, *ds, *row_lse, *row_delta;

  __device__ int model() const { return static_cast<int>(a.heads * a.width); }
  static constexpr int kPitch = kHeadPitch<padded>;
  __device__ void load_queries(int tile) const {
    load_head<padded>(q, qkv, 3 * model(), tile * kAttentionTile, a);
    load_head<padded>(dy_tile, dy, model(), tile * kAttentionTile, a);
    const int row = threadIdx.x / kRowThreads, part = threadIdx.x % kRowThreads;
    const int token = tile * kAttentionTile + row;
    float delta = 0;
    if (token < a.tokens) {
      for (int c = part; c < a.width; c += kRowThreads)
        delta += widen(dy[int64_t{token} * model() + c]) * widen(y[int64_t{token} * model() + c]);
    }
    delta = over_row<Sum>(delta);
    if (part != 0) return;
    row_delta[row] = delta;
    row_lse[row] = token < a.tokens ? lse[token] : 0;
  }
  __device__ void load_keys(int tile) const {
    load_head<padded>(k, qkv + model(), 3 * model(), tile * kAttentionTile, a);
    load_head<padded>(v, qkv + 2 * model(), 3 * model(), tile * kAttentionTile, a);
  }
  /// p and ds of the two tiles.
  __device__ void score(int query_tile, int key_tile) const {
    const int row = threadIdx.x / kRowThreads, query = query_tile * kAttentionTile + row;
    const float scale = 1 / sqrtf(static_cast<float>(a.width));
    for (int j = 0; j < kScores; ++j) {
      const int column = threadIdx.x % kRowThreads + kRowThreads * j;
      const int key = key_tile * kAttentionTile + column;
      float weight = 0, slope = 0;
      if (key <= query && query < a.tokens) {
        weight = expf(scale * dot<padded>(q + row * kPitch, k + column * kPitch) - row_lse[row]);
        const float along = dot<padded>(dy_tile + row * kPitch, v + column * kPitch);
        slope = scale * weight * (along - row_delta[row]);
      }
      p[row * kScorePitch + column] = weight;
      ds[row * kScorePitch + column] = slope;
    }
  }
};

template <int padded, class T>
__device__ inline BackwardHead<padded, T> backward_head(const Attention& a, const AttentionPlace& at,
                                                        const T* qkv, const T* y, const float* lse,
                                                        const T* dy) {
  float* const shared = reinterpret_cast<float*>(device::dynamic_shared());
  const int64_t tile = kHeadFloats<padded>, model = a.heads * a.width;
  float* const p = shared + 4 * tile;
  float* const ds = p + kAttentionTile * kScorePitch;
  float* const rows = ds + kAttentionTile * kScorePitch;
  const int64_t columns = at.head * a.width, tokens = at.batch * a.tokens;
  return {a,
          qkv + tokens * 3 * model + columns,
          y + tokens * model + columns,
          dy + tokens * model + columns,
          lse + (at.batch * a.heads + at.head) * a.tokens,
          shared,
          shared + tile,
          shared + 2 * tile,
          shared + 3 * tile,
          p,
          ds,
          rows,
          rows + kAttentionTile};
}

template <int padded, class T>
__global__ void __launch_bounds__(kAttentionThreads, kAttentionBlocks)
    queries_bwd(Attention a, const T* __restrict__ qkv, const T* __restrict__ y,
                const float* __restrict__ lse, const T* __restrict__ dy, T* __restrict__ dqkv) {
  const AttentionPlace at = attention_place(a, true);
  const BackwardHead<padded, T> head = backward_head<padded>(a, at, qkv, y, lse, dy);
  const int row = threadIdx.x / kRowThreads;
  HeadSums<padded> dq = {};
  head.load_queries(at.tile);
  for (int tile = 0; tile <= at.tile; ++tile) {
    head.load_keys(tile);
    __syncthreads();
    head.score(at.tile, tile);
    __syncwarp();  // a row's threads are in one warp
    add_weighted<padded>(dq, head.ds + row * kScorePitch, 1, head.k);
    __syncthreads();  // the tiles may be written again
  }
  T* const to = dqkv + (head.qkv - qkv);
  store_head<padded>(to, 3 * head.model(), at.tile * kAttentionTile, a, dq, 1.0f);
}

template <int padded, class T>
__global__ void __launch_bounds__(kAttentionThreads, kAttentionBlocks)
    keys_bwd(Attention a, const T* __restrict__ qkv, const T* __restrict__ y, const float* __restrict__ lse,
             const T* __restrict__ dy, T* __restrict__ dqkv) {
  const AttentionPlace at = attention_place(a, false);
  const BackwardHead<padded, T> head = backward_head<padded>(a, at, qkv, y, lse, dy);
  const int key = threadIdx.x / kRowThreads;
  const int tiles = static_cast<int>((a.tokens + kAttentionTile - 1) / kAttentionTile);
  HeadSums<padded> dk = {}, dv = {};
  head.load_keys(at.tile);
  for (int tile = at.tile; tile < tiles; ++tile) {
    head.load_queries(tile);
    __syncthreads();
    head.score(tile, at.tile);
    __syncthreads();  // a column's scores come from all warps
    add_weighted<padded>(dk, head.ds + key, kScorePitch, head.q);
    add_weighted<padded>(dv, head.p + key, kScorePitch, head.dy_tile);
    __syncthreads();  // the tiles may be written again
  }
  T* const to = dqkv + (head.qkv - qkv);
  store_head<padded>(to + head.model(), 3 * head.model(), at.tile * kAttentionTile, a, dk, 1.0f);
  store_head<padded>(to + 2 * head.model(), 3 * head.model(), at.tile * kAttentionTile, a, dv, 1.0f);
}

template <int padded>
constexpr int64_t kBackwardFloats =
    4 * kHeadFloats<padded> + 2 * kAttentionTile* kScorePitch + 2 * kAttentionTile;

}  // namespace

int64_t attention_bwd_shared_bytes(const Attention& a) {
  int64_t bytes = 0;
  with_padded_width(a.width, [&]<int padded>() { bytes = 4 * kBackwardFloats<padded>; });
  return bytes;
}

void launch_attention_bwd(Precision precision, const Attention& a, const void* qkv, const void* y,
                          const float* lse, const void* dy, void* dqkv, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    with_padded_width(a.width, [&]<int padded>() {
      const device::Shape shape = attention_shape(a, kBackwardFloats<padded>);
      for (const auto entry : {queries_bwd<padded, T>, keys_bwd<padded, T>}) {
        device::launch("train attention_bwd", entry, shape, stream, a, static_cast<const T*>(qkv),
                       static_cast<const T*>(y), lse, static_cast<const T*>(dy), static_cast<T*>(dqkv));
      }
    });
  });
}

}  // namespace breakeven::cuda
