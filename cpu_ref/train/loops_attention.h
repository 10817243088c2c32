// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_product.h"
#include "cpu_ref/train/loops_transpose.h"

// Causal attention. A head is one thread's: its queries, keys and values as fp32 in the caches, with zeros up
// to whole vectors; kQueries rows of logits at a time, against the keys up to the last of them.

namespace breakeven::cpu {
namespace {

constexpr int64_t kQueries = 16;

/// One head of one sequence: where its arrays stand, and sizes.
struct Head {
  int64_t tokens, width, padded_tokens, padded_width;
  int64_t qkv, qkv_pitch, y, y_pitch, lse;  // elements from the arrays' starts
  float scale;                              // of logits
  Head(const auto& a, int64_t index) : tokens(a.tokens), width(a.width / a.heads) {
    padded_tokens = padded(tokens);
    padded_width = padded(width);
    const int64_t sequence = index / a.heads, head = index % a.heads;
    qkv_pitch = 3 * a.width;
    y_pitch = a.width;
    qkv = sequence * tokens * qkv_pitch + head * width;
    y = sequence * tokens * y_pitch + head * width;
    lse = index * tokens;
    scale = 1.0f / __builtin_sqrtf(static_cast<float>(width));
  }
  int64_t floats() const { return padded_tokens * padded_width; }
};

/// from[tokens, width], `pitch` apart -> out[padded_tokens, padded_width].
template <class F>
void fetch_head(const Head& h, const typename F::Element* from, int64_t pitch, float factor, float* out) {
  for (int64_t t = 0; t < h.padded_tokens; ++t, out += h.padded_width) {
    for (int64_t d = 0; d < h.padded_width; d += kLanes) {
      const int64_t left = t < h.tokens ? h.width - d : 0;
      const auto* at = from + t * pitch + d;
      store(left >= kLanes ? get<F>(at, Full{}) * factor
            : left > 0     ? get<F>(at, Part{left}) * factor
                           : Floats{},
            out + d);
    }
  }
}
/// The same, turned: out[padded_width, padded_tokens].
inline void turn_head(const Head& h, const float* from, float* out) {
  transposed(h.padded_tokens, h.padded_width, out, h.padded_tokens,
             [=](int64_t t, int64_t d, auto) { return floats_at(from + t * h.padded_width + d); });
}
template <class F>
void put_head_row(const Head& h, const float* from, float factor, typename F::Element* to) {
  for_vectors(h.width, [=](int64_t d, auto lanes) { put<F>(floats_at(from + d) * factor, to + d, lanes); });
}

/// logits[kQueries, keys], with what lies behind the diagonal far below everything.
inline void logits_of(const Head& h, const float* queries, const float* turned_keys, int64_t first,
                      float* logits) {
  const int64_t keys = first + kQueries;
  product<Sum::fresh>({queries + first * h.padded_width, h.padded_width, 1}, {turned_keys, h.padded_tokens},
                      {logits, h.padded_tokens}, kQueries, keys, h.width);
  for (int64_t i = 0; i < kQueries; ++i) {
    for (int64_t j = i + 1; j < kQueries; ++j) logits[i * h.padded_tokens + first + j] = -__builtin_inff();
  }
}

/// A row of logits to exponentials less the largest.
struct RowSum {
  float largest, sum;
};
inline RowSum exponentials_of(float* row, int64_t keys) {
  Floats most = floats_at(row);
  for (int64_t j = kLanes; j < keys; j += kLanes) most = larger(most, floats_at(row + j));
  const float largest = largest_of(most);
  Floats sum{};
  for (int64_t j = 0; j < keys; j += kLanes) {
    const Floats e = exponential(floats_at(row + j) - largest);
    sum += e;
    store(e, row + j);
  }
  return {largest, sum_of(sum)};
}

template <class F>
void attend(const Attention& a, const Head& h, float* room) {
  float *q = room, *k = q + h.floats(), *v = k + h.floats(), *kt = v + h.floats(), *logits = kt + h.floats(),
        *y = logits + kQueries * h.padded_tokens;
  const auto* qkv = elements<F>(a.qkv) + h.qkv;
  fetch_head<F>(h, qkv, h.qkv_pitch, h.scale, q);
  fetch_head<F>(h, qkv + a.width, h.qkv_pitch, 1, k);
  fetch_head<F>(h, qkv + 2 * a.width, h.qkv_pitch, 1, v);
  turn_head(h, k, kt);
  for (int64_t first = 0; first < h.tokens; first += kQueries) {
    logits_of(h, q, kt, first, logits);
    RowSum sums[kQueries];
    for (int64_t i = 0; i < kQueries; ++i)
      sums[i] = exponentials_of(logits + i * h.padded_tokens, first + kQueries);
    product<Sum::fresh>({logits, h.padded_tokens, 1}, {v, h.padded_width}, {y, h.padded_width}, kQueries,
                        h.padded_width, first + kQueries);
    for (int64_t i = 0; i < kQueries && first + i < h.tokens; ++i) {
      a.lse[h.lse + first + i] = sums[i].largest + __builtin_logf(sums[i].sum);
      put_head_row<F>(h, y + i * h.padded_width, 1.0f / sums[i].sum,
                      elements<F>(a.y) + h.y + (first + i) * h.y_pitch);
    }
  }
}

/// each(head, the thread's room), heads of all sequences; `arrays`: of a head, beside what kQueries rows
/// need.
template <class Each>
void over_heads(const auto& a, int64_t arrays, Each each) {
  const Head any(a, 0);
  const int64_t room = arrays * any.floats() + kQueries * 2 * (any.padded_tokens + any.padded_width);
  float* rooms = a.room->floats(room * omp_get_max_threads());
  const int64_t heads = a.batch * a.heads;
  in_parallel(heads, heads * a.tokens * a.tokens,
              [&](int64_t i) { each(Head(a, i), rooms + room * omp_get_thread_num()); });
}

template <class F>
void attention(const Attention& a) {
  over_heads(a, 4, [&](const Head& h, float* room) { attend<F>(a, h, room); });
}

/// What a head's gradient works on.
struct HeadGradient {
  float *q, *k, *kt, *v, *vt, *dy, *dk, *dv, *p, *ds, *dq;
  HeadGradient(const Head& h, float* room) {
    float** const arrays[] = {&q, &k, &kt, &v, &vt, &dy, &dk, &dv};
    for (float** array : arrays) {
      *array = room;
      room += h.floats();
    }
    p = room;
    ds = p + kQueries * h.padded_tokens;
    dq = ds + kQueries * h.padded_tokens;
  }
  static constexpr int64_t kArrays = 8;
};

/// Rows of p = exp(logits - lse), and in place of dp of ds = p (dp - the row's sum of dy y).
template <class F>
void softmax_gradient(const AttentionBackward& a, const Head& h, const HeadGradient& g, int64_t first) {
  for (int64_t i = 0; i < kQueries; ++i) {
    const int64_t token = first + i;
    float *p = g.p + i * h.padded_tokens, *ds = g.ds + i * h.padded_tokens, lse = 0, delta = 0;
    if (token < h.tokens) {
      const auto* y = elements<F>(a.y) + h.y + token * h.y_pitch;
      const float* dy = g.dy + token * h.padded_width;
      lse = a.lse[h.lse + token];
      delta =
          sum_over(h.width, [=](int64_t d, auto lanes) { return get<F>(y + d, lanes) * floats_at(dy + d); });
    }
    for (int64_t j = 0; j < first + kQueries; j += kLanes) {
      const Floats power = exponential(floats_at(p + j) - lse);
      store(power, p + j);
      store(power * (floats_at(ds + j) - delta), ds + j);
    }
  }
}

template <class F>
void attend_bwd(const AttentionBackward& a, const Head& h, const HeadGradient& g) {
  const auto* qkv = elements<F>(a.qkv) + h.qkv;
  auto* dqkv = elements<F>(a.dqkv) + h.qkv;
  fetch_head<F>(h, qkv, h.qkv_pitch, h.scale, g.q);
  fetch_head<F>(h, qkv + a.width, h.qkv_pitch, 1, g.k);
  fetch_head<F>(h, qkv + 2 * a.width, h.qkv_pitch, 1, g.v);
  fetch_head<F>(h, elements<F>(a.dy) + h.y, h.y_pitch, 1, g.dy);
  turn_head(h, g.k, g.kt);
  turn_head(h, g.v, g.vt);
  for (int64_t i = 0; i < h.floats(); ++i) g.dk[i] = g.dv[i] = 0;
  for (int64_t first = 0; first < h.tokens; first += kQueries) {
    const int64_t keys = first + kQueries;
    const float *q = g.q + first * h.padded_width, *dy = g.dy + first * h.padded_width;
    logits_of(h, g.q, g.kt, first, g.p);
    product<Sum::fresh>({dy, h.padded_width, 1}, {g.vt, h.padded_tokens}, {g.ds, h.padded_tokens}, kQueries,
                        keys, h.width);
    softmax_gradient<F>(a, h, g, first);
    product<Sum::added>({g.p, 1, h.padded_tokens}, {dy, h.padded_width}, {g.dv, h.padded_width}, keys,
                        h.padded_width, kQueries);
    product<Sum::added>({g.ds, 1, h.padded_tokens}, {q, h.padded_width}, {g.dk, h.padded_width}, keys,
                        h.padded_width, kQueries);
    product<Sum::fresh>({g.ds, h.padded_tokens, 1}, {g.k, h.padded_width}, {g.dq, h.padded_width}, kQueries,
                        h.padded_width, keys);
    for (int64_t i = 0; i < kQueries && first + i < h.tokens; ++i) {
      put_head_row<F>(h, g.dq + i * h.padded_width, h.scale, dqkv + (first + i) * h.qkv_pitch);
    }
  }
  for (int64_t t = 0; t < h.tokens; ++t) {
    put_head_row<F>(h, g.dk + t * h.padded_width, 1, dqkv + a.width + t * h.qkv_pitch);
    put_head_row<F>(h, g.dv + t * h.padded_width, 1, dqkv + 2 * a.width + t * h.qkv_pitch);
  }
}

template <class F>
void attention_bwd(const AttentionBackward& a) {
  over_heads(a, HeadGradient::kArrays,
             [&](const Head& h, float* room) { attend_bwd<F>(a, h, HeadGradient(h, room)); });
}

}  // namespace
}  // namespace breakeven::cpu
