// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_flat_loops.h"

// Rows in two or three stages, each a row behind the one before, in one loop: while one row comes from memory
// another is worked on in the caches or goes out, so that memory never waits for arithmetic. Before the first
// and after the last row a stage works on the nearest row there is: what it then writes is overwritten or the
// same.

namespace breakeven::cpu {
namespace {

constexpr int64_t kWorthStages = 8;  // rows; the extra turns would cost more below

/// Rows must be short enough, and whole pairs, in every place where streamed stores need it.
template <class F>
bool can_stage(const MemoryShare& s, const void* out) {
  return s.staged && s.last - s.first >= kWorthStages && s.columns % kPair == 0 &&
         reinterpret_cast<uint64_t>(out) % kVectorBytes == 0;
}

inline int64_t within(int64_t row, const MemoryShare& s) {
  return row < s.first ? s.first : row < s.last ? row : s.last - 1;
}

/// Where column i stands in a row of pairs.
template <class F>
int64_t placed(int64_t i) {
  return i / kPair * kPair + Pairs<F>::place(i % kPair);
}

/// Exponentials of a row's elements less its largest one: exact but for a few units, or as bf16 needs them.
struct Exponentials {
  float largest;
  Floats operator()(Floats x) const { return exponential(x - largest); }
};
struct Powers {
  float largest;
  Floats operator()(Floats x) const { return power_of_two((x - largest) * kLog2E); }
};

/// What a row's second stage leaves for its third: by how much its exponentials are multiplied.
template <class F>
float finish_softmax(const MemoryShare& s, int64_t row, float largest, float sum, float* e,
                     const int32_t* labels, float at_label) {
  if (!labels) return 1.0f / sum;
  static_cast<float*>(s.out[0])[row] = __builtin_logf(sum) + (largest - at_label);
  e[placed<F>(labels[row])] -= sum;  // (e - sum) / sum is the softmax less 1
  return 1.0f / static_cast<float>(s.rows) / sum;
}

/// Stages: the largest of a row; its exponentials and their sum; their quotients. With labels: cross_entropy.
template <class F, Stores kStores, class Power>
void staged_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  float largest = 0, scale = 0;
  float *now = s.room, *before = s.room + n;
  for (int64_t i = 0; i < 2 * n; ++i) now[i] = 0;
  for (int64_t turn = s.first; turn < s.last + 2; ++turn) {
    const auto *incoming = x + within(turn, s) * n, *present = x + within(turn - 1, s) * n;
    auto* outgoing = y + within(turn - 2, s) * n;
    const Power power{largest};
    Largest<F> most;
    Pair sum{};
    for (int64_t i = 0; i < n; i += kPair) {
      ask_for_pair(incoming + i);
      most.take(incoming + i);
      const Pair done = load_pair(before + i), x_now = Pairs<F>::get(present + i);
      const Pair e{power(x_now.a), power(x_now.b)};
      store_pair(e, now + i);
      sum = {sum.a + e.a, sum.b + e.b};
      Pairs<F>::template put<kStores>({done.a * scale, done.b * scale}, outgoing + i);
    }
    if (turn > s.first && turn <= s.last) {
      const float at_label = labels ? get<F>(present + labels[turn - 1], Part{1})[0] : 0;
      scale = finish_softmax<F>(s, turn - 1, largest, sum_of(sum.a + sum.b), now, labels, at_label);
    }
    largest = most.of(incoming, n);
    float* const other = now;
    now = before;
    before = other;
  }
}

template <class F, class Power>
void stage_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  s.stores == Stores::streaming ? staged_softmax<F, Stores::streaming, Power>(s, y, labels)
                                : staged_softmax<F, Stores::ordinary, Power>(s, y, labels);
  end_streaming();
}

/// A row of parameters as pairs of F have it; `room`: for one row.
template <class F>
const float* in_pairs(const float* row, int64_t n, float* room) {
  if (Pairs<F>::kInOrder) return row;
  for (int64_t first = 0; first < n; first += kPair) {
    for (int64_t i = 0; i < kPair; ++i) room[first + Pairs<F>::place(i)] = row[first + i];
  }
  return room;
}

/// Stages: a row's sum; the squares of what differs from its mean; the result.
template <class F, Stores kStores>
void staged_layernorm(const MemoryShare& s) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  const float* gamma = in_pairs<F>(static_cast<const float*>(s.in[1]), n, s.room);
  const float* beta = in_pairs<F>(static_cast<const float*>(s.in[2]), n, s.room + n);
  float *means = static_cast<float*>(s.out[1]), *rstds = static_cast<float*>(s.out[2]);
  const float over_columns = 1.0f / static_cast<float>(n);
  float mean = 0, rstd_before = 0, shift_before = 0;
  for (int64_t turn = s.first; turn < s.last + 2; ++turn) {
    const auto *incoming = x + within(turn, s) * n, *present = x + within(turn - 1, s) * n;
    const auto* leaving = x + within(turn - 2, s) * n;
    auto* outgoing = output<F>(s, 0) + within(turn - 2, s) * n;
    Pair sum{}, squares{};
    for (int64_t i = 0; i < n; i += kPair) {
      ask_for_pair(incoming + i);
      const Pair in = Pairs<F>::get(incoming + i), mid = Pairs<F>::get(present + i);
      const Pair out = Pairs<F>::get(leaving + i), g = load_pair(gamma + i), b = load_pair(beta + i);
      sum = {sum.a + in.a, sum.b + in.b};
      const Pair off{mid.a - mean, mid.b - mean};
      squares = {squares.a + off.a * off.a, squares.b + off.b * off.b};
      const Pair xhat{out.a * rstd_before + shift_before, out.b * rstd_before + shift_before};
      Pairs<F>::template put<kStores>({xhat.a * g.a + b.a, xhat.b * g.b + b.b}, outgoing + i);
    }
    rstd_before = 1.0f / __builtin_sqrtf(sum_of(squares.a + squares.b) * over_columns + s.norm_epsilon);
    shift_before = -mean * rstd_before;
    if (turn > s.first && turn <= s.last) {
      means[turn - 1] = mean;
      rstds[turn - 1] = rstd_before;
    }
    mean = sum_of(sum.a + sum.b) * over_columns;
  }
}

template <class F>
void stage_layernorm(const MemoryShare& s) {
  s.stores == Stores::streaming ? staged_layernorm<F, Stores::streaming>(s)
                                : staged_layernorm<F, Stores::ordinary>(s);
  end_streaming();
}

/// `sums`, in the order of pairs, as columns; `room`: for one row.
template <class F>
void in_columns(float* sums, int64_t n, float* room) {
  if (Pairs<F>::kInOrder) return;
  __builtin_memcpy(room, sums, static_cast<uint64_t>(n) * sizeof(float));
  for (int64_t i = 0; i < n; ++i) sums[i] = room[placed<F>(i)];
}

/// dx = rstd (g - mean(g) - x^ mean(g x^)), with g = dy gamma, as scale g + (slope x + level).
struct Backward {
  float scale = 0, slope = 0, level = 0;
  Backward() = default;
  Backward(float mean, float rstd, float mean_g, float mean_gx)
      : scale(rstd), slope(-rstd * rstd * mean_gx), level(-rstd * mean_g - mean * slope) {}
  Floats dx(Floats x, Floats g) const { return g * scale + (x * slope + level); }
};

template <class F, Stores kStores>
void put_dx(const typename F::Element* x, const typename F::Element* dy, Pair gamma, Backward back,
            typename F::Element* dx) {
  const Pair at = Pairs<F>::get(x), d = Pairs<F>::get(dy);
  Pairs<F>::template put<kStores>({back.dx(at.a, d.a * gamma.a), back.dx(at.b, d.b * gamma.b)}, dx);
}

/// Stages: what a row adds to dgamma and dbeta, with the means of g and of g x^; dx.
template <class F, Stores kStores>
void staged_layernorm_bwd(const MemoryShare& s) {
  const int64_t n = s.columns;
  const auto *x = input<F>(s, 0), *dy = input<F>(s, 4);
  const float *means = static_cast<const float*>(s.in[2]), *rstds = static_cast<const float*>(s.in[3]);
  float *dgamma = s.sums, *dbeta = s.sums + n;
  for (int64_t i = 0; i < 2 * n; ++i) s.sums[i] = 0;
  const float* gamma = in_pairs<F>(static_cast<const float*>(s.in[1]), n, s.room);
  const float over_columns = 1.0f / static_cast<float>(n);
  Backward back;
  for (int64_t row = s.first; row < s.last; ++row) {
    const auto *incoming = x + row * n, *dy_incoming = dy + row * n;
    const int64_t leaving = within(row - 1, s) * n;
    const float rstd = rstds[row], shift = -means[row] * rstd;
    Pair sum_g{}, sum_gx{};
    for (int64_t i = 0; i < n; i += kPair) {
      ask_for_pair(incoming + i);
      ask_for_pair(dy_incoming + i);
      const Pair in = Pairs<F>::get(incoming + i), d = Pairs<F>::get(dy_incoming + i);
      const Pair weight = load_pair(gamma + i), dg = load_pair(dgamma + i), db = load_pair(dbeta + i);
      const Pair xhat{in.a * rstd + shift, in.b * rstd + shift}, g{d.a * weight.a, d.b * weight.b};
      sum_g = {sum_g.a + g.a, sum_g.b + g.b};
      sum_gx = {sum_gx.a + g.a * xhat.a, sum_gx.b + g.b * xhat.b};
      store_pair({dg.a + d.a * xhat.a, dg.b + d.b * xhat.b}, dgamma + i);
      store_pair({db.a + d.a, db.b + d.b}, dbeta + i);
      put_dx<F, kStores>(x + leaving + i, dy + leaving + i, weight, back, output<F>(s, 0) + leaving + i);
    }
    back = {means[row], rstd, sum_of(sum_g.a + sum_g.b) * over_columns,
            sum_of(sum_gx.a + sum_gx.b) * over_columns};
  }
  const int64_t end = (s.last - 1) * n;
  for (int64_t i = 0; i < n; i += kPair)
    put_dx<F, kStores>(x + end + i, dy + end + i, load_pair(gamma + i), back, output<F>(s, 0) + end + i);
  in_columns<F>(dgamma, n, s.room);
  in_columns<F>(dbeta, n, s.room);
}

template <class F>
void stage_layernorm_bwd(const MemoryShare& s) {
  s.stores == Stores::streaming ? staged_layernorm_bwd<F, Stores::streaming>(s)
                                : staged_layernorm_bwd<F, Stores::ordinary>(s);
  end_streaming();
}

}  // namespace
}  // namespace breakeven::cpu
