// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_pairs.h"
#include "cpu_ref/memory_unit.h"

// Element by element, and whole rows of a table. F: the format of the problem's elements.

namespace breakeven::cpu {
namespace {

template <class F>
const typename F::Element* input(const MemoryShare& s, int which) {
  return static_cast<const typename F::Element*>(s.in[which]);
}
template <class F>
typename F::Element* output(const MemoryShare& s, int which) {
  return static_cast<typename F::Element*>(s.out[which]);
}

/// Bytes as they are; n elements of F. `Ask`: for what comes after, ask_for or nothing.
template <class F, class Ask>
void copy_elements(const typename F::Element* from, typename F::Element* to, int64_t n, Stores stores,
                   Ask ask) {
  using E = typename F::Element;
  using Bytes = VectorOf<uint8_t>::type;
  constexpr int64_t kEach = kVectorBytes / static_cast<int64_t>(sizeof(E));
  int64_t i = 0;
  if (stores == Stores::streaming) {
    const int64_t off = static_cast<int64_t>(reinterpret_cast<uint64_t>(to) % kVectorBytes / sizeof(E));
    i = off == 0 ? 0 : kEach - off;
    i = i < n ? i : n;
    __builtin_memcpy(to, from, static_cast<uint64_t>(i) * sizeof(E));
    for (; i + kEach <= n; i += kEach) {
      ask(from + i);
      stream_bytes(load<Bytes>(from + i), to + i);
    }
  }
  for (; i + kEach <= n; i += kEach) store(load<Bytes>(from + i), to + i);
  __builtin_memcpy(to + i, from + i, static_cast<uint64_t>(n - i) * sizeof(E));
}

template <class F>
void copy(const MemoryShare& s) {
  copy_elements<F>(input<F>(s, 0) + s.first, output<F>(s, 0) + s.first, s.last - s.first, s.stores,
                   [](const auto* from) { ask_for(from); });
  end_streaming();
}

template <class F>
void triad(const MemoryShare& s) {
  const auto *a = input<F>(s, 0) + s.first, *b = input<F>(s, 1) + s.first;
  const float factor = s.triad_factor;
  write<F>(output<F>(s, 0) + s.first, s.last - s.first, s.stores,
           [=](int64_t i, auto lanes) { return get<F>(a + i, lanes) + factor * get<F>(b + i, lanes); });
  end_streaming();
}

/// 0.5 x (1 + tanh(u)) = x / (1 + exp(-2 u)): nothing cancels.
inline Floats gelu_of(Floats x) {
  constexpr float kTwice = -2 * 0.79788456080286536f;  // -2 sqrt(2 / pi)
  // From 2^60 on the quotient is 0 beside any x.
  const Floats power = smaller(kTwice * (x + 0.044715f * x * x * x), all(41.0f));
  return x * reciprocal(1.0f + exponential(power));
}
/// For results of 16 bits.
inline Floats coarse_gelu_of(Floats x) {
  constexpr float kFirst = -2 * 0.79788456080286536f * kLog2E, kThird = 0.044715f * kFirst;
  const Floats power = smaller(x * (x * x * kThird + kFirst), all(60.0f));
  return x * reciprocal(1.0f + power_of_two(power));
}

template <class F>
void gelu(const MemoryShare& s) {
  map<F>(input<F>(s, 0) + s.first, output<F>(s, 0) + s.first, s.last - s.first, s.stores,
         [](Floats x) { return sizeof(typename F::Element) == 2 ? coarse_gelu_of(x) : gelu_of(x); });
  end_streaming();
}

template <class F>
void adamw(const MemoryShare& s) {
  const auto* gradients = input<F>(s, 3) + s.first;
  float *p = output<Fp32Format>(s, 0) + s.first, *m = output<Fp32Format>(s, 1) + s.first,
        *v = output<Fp32Format>(s, 2) + s.first;
  const AdamwFactors k = s.adamw;
  for_vectors(s.last - s.first, [=](int64_t i, auto lanes) {
    const Floats g = get<F>(gradients + i, lanes);
    const Floats first = k.beta1 * get<Fp32Format>(m + i, lanes) + k.rest1 * g;
    const Floats second = k.beta2 * get<Fp32Format>(v + i, lanes) + k.rest2 * (g * g);
    const Floats step = k.rate_over * first / (root(second * k.over_correction2) + k.epsilon);
    put<Fp32Format>(k.keep * get<Fp32Format>(p + i, lanes) - step, p + i, lanes);
    put<Fp32Format>(first, m + i, lanes);
    put<Fp32Format>(second, v + i, lanes);
  });
}

constexpr int64_t kAhead = 8;  // rows of a table that are asked for in advance
constexpr int64_t kLineBytes = 64;
constexpr int64_t kPrefetched = 2048;  // bytes of each; the processor's own prefetcher takes over from there

inline void prefetch(const void* row, int64_t bytes) {
  const int64_t most = bytes < kPrefetched ? bytes : kPrefetched;
  for (int64_t i = 0; i < most; i += kLineBytes) __builtin_prefetch(static_cast<const char*>(row) + i);
}

/// `first`, `last`: rows of the result.
template <class F>
void gather(const MemoryShare& s) {
  const auto* table = input<F>(s, 0);
  const int32_t* index = static_cast<const int32_t*>(s.in[1]);
  const int64_t depth = s.columns, bytes = depth * static_cast<int64_t>(sizeof(*table));
  for (int64_t j = s.first; j < s.last; ++j) {
    if (j + kAhead < s.last) prefetch(table + index[j + kAhead] * depth, bytes);
    copy_elements<F>(table + index[j] * depth, output<F>(s, 0) + j * depth, depth, s.stores,
                     [](const auto*) {});
  }
  end_streaming();
}

/// `first`, `last`: rows of the table that are this thread's, whoever adds to them; so every row is added to
/// in the order of the indices, and by one thread.
template <class F>
void scatter_add(const MemoryShare& s) {
  const int32_t* index = static_cast<const int32_t*>(s.in[1]);
  const auto* x = input<F>(s, 2);
  float* table = output<Fp32Format>(s, 0);
  const int64_t depth = s.columns;
  for (int64_t j = 0; j < s.rows; ++j) {
    if (index[j] < s.first || index[j] >= s.last) continue;
    float* to = table + index[j] * depth;
    const auto* from = x + j * depth;
    for_vectors(depth, [=](int64_t i, auto lanes) {
      put<Fp32Format>(get<Fp32Format>(to + i, lanes) + get<F>(from + i, lanes), to + i, lanes);
    });
  }
}

}  // namespace
}  // namespace breakeven::cpu
