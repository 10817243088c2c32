// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_flat_loops.h"

// Rows in three stages, each a row behind the one before, in one loop: while one row comes from memory
// another is worked on in the caches and a third goes out, so that memory never waits for arithmetic. Before
// the first and after the last row a stage works on the nearest row there is: what it then writes is
// overwritten or the same.

namespace breakeven::cpu {
namespace {

constexpr int64_t kWorthStages = 8;  // rows; the two extra turns would cost more below

/// Rows must be whole pairs, in every place where streamed stores need it.
template <class F>
bool can_stage(const MemoryShare& s, const void* out) {
  return s.last - s.first >= kWorthStages && s.columns % kPair == 0 &&
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

/// How near to exact exponentials are: `coarse`, by power_of_two(), suffices where nothing but their
/// quotients is wanted, in 16 bits.
enum class Powers : uint8_t { close, coarse };

/// exp(x - largest); but a coarse one may have a factor near 1, the same in a row, because `largest` log2 e
/// is rounded.
template <Powers kPowers>
Pair powers_of(Pair x, float largest) {
  if constexpr (kPowers == Powers::close) {
    return {exponential(x.a - largest), exponential(x.b - largest)};
  } else {
    const float base = largest * kLog2E;
    return {power_of_two(x.a * kLog2E - base), power_of_two(x.b * kLog2E - base)};
  }
}

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
template <class F, Stores kStores, Powers kPowers>
void staged_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  float largest = 0, scale = 0;
  float *now = s.two_rows, *before = s.two_rows + n;
  for (int64_t i = 0; i < 2 * n; ++i) now[i] = 0;
  for (int64_t turn = s.first; turn < s.last + 2; ++turn) {
    const auto *incoming = x + within(turn, s) * n, *present = x + within(turn - 1, s) * n;
    auto* outgoing = y + within(turn - 2, s) * n;
    Pair most{all(-__builtin_inff()), all(-__builtin_inff())}, sum{};
    for (int64_t i = 0; i < n; i += kPair) {
      ask_for_pair(incoming + i);
      const Pair in = Pairs<F>::unsettled(incoming + i), done = load_pair(before + i);
      most = {larger(most.a, in.a), larger(most.b, in.b)};
      const Pair e = powers_of<kPowers>(Pairs<F>::get(present + i), largest);
      store_pair(e, now + i);
      sum = {sum.a + e.a, sum.b + e.b};
      Pairs<F>::template put<kStores>({done.a * scale, done.b * scale}, outgoing + i);
    }
    if (turn > s.first && turn <= s.last) {
      const float at_label = labels ? get<F>(present + labels[turn - 1], Part{1})[0] : 0;
      scale = finish_softmax<F>(s, turn - 1, largest, sum_of(sum.a + sum.b), now, labels, at_label);
    }
    largest = Pairs<F>::settled(largest_of(larger(most.a, most.b)));
    float* const other = now;
    now = before;
    before = other;
  }
}

template <class F, Powers kPowers>
void stage_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  s.stores == Stores::streaming ? staged_softmax<F, Stores::streaming, kPowers>(s, y, labels)
                                : staged_softmax<F, Stores::ordinary, kPowers>(s, y, labels);
  end_streaming();
}

/// A row of parameters as pairs of F have it; `room`: for one row.
template <class F>
const float* in_pairs(const float* row, int64_t n, float* room) {
  if (Pairs<F>::kInOrder) return row;
  for (int64_t i = 0; i < n; ++i) room[placed<F>(i)] = row[i];
  return room;
}

/// Stages: a row's sum; the squares of what differs from its mean; the result.
template <class F, Stores kStores>
void staged_layernorm(const MemoryShare& s) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  const float* gamma = in_pairs<F>(static_cast<const float*>(s.in[1]), n, s.two_rows);
  const float* beta = in_pairs<F>(static_cast<const float*>(s.in[2]), n, s.two_rows + n);
  float *means = static_cast<float*>(s.out[1]), *rstds = static_cast<float*>(s.out[2]);
  const float over_columns = 1.0f / static_cast<float>(n);
  float mean = 0, mean_before = 0, rstd_before = 0;
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
      const Pair xhat{(out.a - mean_before) * rstd_before, (out.b - mean_before) * rstd_before};
      Pairs<F>::template put<kStores>({xhat.a * g.a + b.a, xhat.b * g.b + b.b}, outgoing + i);
    }
    mean_before = mean;
    rstd_before = 1.0f / __builtin_sqrtf(sum_of(squares.a + squares.b) * over_columns + s.norm_epsilon);
    if (turn > s.first && turn <= s.last) {
      means[turn - 1] = mean_before;
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

}  // namespace
}  // namespace breakeven::cpu
