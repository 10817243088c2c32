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

/// Rows must be whole vectors, in every place where streamed stores need it.
template <class F>
bool can_stage(const MemoryShare& s, const void* out) {
  return s.last - s.first >= kWorthStages && s.columns % kLanes == 0 &&
         reinterpret_cast<uint64_t>(out) % sizeof(typename F::Packed) == 0;
}

template <class F, Stores kStores>
void put_or_stream(Floats v, typename F::Element* to) {
  if constexpr (kStores == Stores::streaming) {
    stream<F>(v, to);
  } else {
    put<F>(v, to, Full{});
  }
}

inline int64_t within(int64_t row, const MemoryShare& s) {
  return row < s.first ? s.first : row < s.last ? row : s.last - 1;
}

/// What a row's second stage leaves for its third: by how much its exponentials are multiplied.
inline float finish_softmax(const MemoryShare& s, int64_t row, float largest, float sum, float* e,
                            const int32_t* labels, float at_label) {
  if (!labels) return 1.0f / sum;
  static_cast<float*>(s.out[0])[row] = __builtin_logf(sum) + (largest - at_label);
  e[labels[row]] -= sum;  // (e - sum) / sum is the softmax less 1
  return 1.0f / static_cast<float>(s.rows) / sum;
}

/// Stages: the largest of a row; its exponentials and their sum; their quotients. With labels: cross_entropy.
template <class F, Stores kStores>
void staged_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  float largest = 0, scale = 0;
  float *now = s.exponentials, *before = s.exponentials + n;
  for (int64_t i = 0; i < 2 * n; ++i) now[i] = 0;
  for (int64_t turn = s.first; turn < s.last + 2; ++turn) {
    const auto *incoming = x + within(turn, s) * n, *present = x + within(turn - 1, s) * n;
    auto* outgoing = y + within(turn - 2, s) * n;
    Floats most = all(-__builtin_inff()), sum{};
    for (int64_t i = 0; i < n; i += kLanes) {
      ask_for(incoming + i);
      most = larger(most, get<F>(incoming + i, Full{}));
      const Floats e = exponential(get<F>(present + i, Full{}) - largest);
      put<Fp32Format>(e, now + i, Full{});
      sum += e;
      put_or_stream<F, kStores>(get<Fp32Format>(before + i, Full{}) * scale, outgoing + i);
    }
    if (turn > s.first && turn <= s.last) {
      const float at_label = labels ? get<F>(present + labels[turn - 1], Part{1})[0] : 0;
      scale = finish_softmax(s, turn - 1, largest, sum_of(sum), now, labels, at_label);
    }
    largest = largest_of(most);
    float* const other = now;
    now = before;
    before = other;
  }
}

template <class F>
void stage_softmax(const MemoryShare& s, typename F::Element* y, const int32_t* labels) {
  s.stores == Stores::streaming ? staged_softmax<F, Stores::streaming>(s, y, labels)
                                : staged_softmax<F, Stores::ordinary>(s, y, labels);
  end_streaming();
}

/// Stages: a row's sum; the squares of what differs from its mean; the result.
template <class F, Stores kStores>
void staged_layernorm(const MemoryShare& s) {
  const int64_t n = s.columns;
  const auto* x = input<F>(s, 0);
  const float *gamma = static_cast<const float*>(s.in[1]), *beta = static_cast<const float*>(s.in[2]);
  float *means = static_cast<float*>(s.out[1]), *rstds = static_cast<float*>(s.out[2]);
  const float over_columns = 1.0f / static_cast<float>(n);
  float mean = 0, mean_before = 0, rstd_before = 0;
  for (int64_t turn = s.first; turn < s.last + 2; ++turn) {
    const auto *incoming = x + within(turn, s) * n, *present = x + within(turn - 1, s) * n;
    const auto* leaving = x + within(turn - 2, s) * n;
    auto* outgoing = output<F>(s, 0) + within(turn - 2, s) * n;
    Floats sum{}, squares{};
    for (int64_t i = 0; i < n; i += kLanes) {
      ask_for(incoming + i);
      sum += get<F>(incoming + i, Full{});
      const Floats off = get<F>(present + i, Full{}) - mean;
      squares += off * off;
      const Floats xhat = (get<F>(leaving + i, Full{}) - mean_before) * rstd_before;
      put_or_stream<F, kStores>(xhat * get<Fp32Format>(gamma + i, Full{}) + get<Fp32Format>(beta + i, Full{}),
                                outgoing + i);
    }
    mean_before = mean;
    rstd_before = 1.0f / __builtin_sqrtf(sum_of(squares) * over_columns + s.norm_epsilon);
    if (turn > s.first && turn <= s.last) {
      means[turn - 1] = mean_before;
      rstds[turn - 1] = rstd_before;
    }
    mean = sum_of(sum) * over_columns;
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
