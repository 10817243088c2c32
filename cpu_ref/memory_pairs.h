// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_exp.h"

// Two vectors of fp32 at once, for the loops whose arithmetic would otherwise be slower than memory. Of
// 16-bit elements a pair is one whole vector in memory, so with AVX-512 one streaming store fills a cache
// line, and widening and narrowing cost less: a bf16 at an odd place is widened by a mask, one at an even
// place by a shift. So a pair of bf16 has the elements at even places in `a` and those at odd places in `b`;
// of other formats the first half in `a`. `place` says where an element of a pair stands, counted through a,
// then b.

namespace breakeven::cpu {
namespace {

constexpr int64_t kPair = 2 * kLanes;

struct Pair {
  Floats a, b;
};

inline Pair load_pair(const float* from) { return {load<Floats>(from), load<Floats>(from + kLanes)}; }
inline void store_pair(Pair v, float* to) {
  store(v.a, to);
  store(v.b, to + kLanes);
}

template <Stores kStores, class V>
void store_as(V v, void* to) {
  if constexpr (kStores == Stores::streaming) {
    stream_bytes(v, to);
  } else {
    store(v, to);
  }
}

template <class F>
struct Pairs;

template <>
struct Pairs<Fp32Format> {
  static constexpr bool kInOrder = true;
  static int64_t place(int64_t i) { return i; }
  static Pair unsettled(const float* from) { return get(from); }
  static float settled(float x) { return x; }
  static Pair get(const float* from) { return load_pair(from); }
  template <Stores kStores>
  static void put(Pair v, float* to) {
    store_as<kStores>(v.a, to);
    store_as<kStores>(v.b, to + kLanes);
  }
};

/// Two rounded bf16, as narrow() rounds them: that of `a` in the lower half of each lane.
inline Words joined_bf16(Pair v) {
#if defined(__AVX512BF16__)
  // Denormals become 0 here.
  const __m512i halves = reinterpret_cast<__m512i>(
      _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(v.b), reinterpret_cast<__m512>(v.a)));
  Words order{};  // of lane i: half i, half 16 + i
  for (uint32_t i = 0; i < 16; ++i) order[i] = (16 + i) << 16 | i;
  return reinterpret_cast<Words>(
      _mm512_maskz_permutexvar_epi16(0xFFFFFFFF, reinterpret_cast<__m512i>(order), halves));
#else
  const Words a = words(v.a), b = words(v.b);
  return ((a + 0x7FFFu + ((a >> 16) & 1u)) >> 16) | ((b + 0x7FFFu + ((b >> 16) & 1u)) & 0xFFFF0000u);
#endif
}

template <>
struct Pairs<Bf16Format> {
  static constexpr bool kInOrder = false;
  static int64_t place(int64_t i) { return i % 2 * kLanes + i / 2; }
  static Pair get(const uint16_t* from) {
    const Words both = load<Words>(from);
    return {floats(both << 16), floats(both & 0xFFFF0000u)};
  }
  /// For comparisons: the lower halves in `b` are whatever stands there. The largest of finite elements is
  /// the settled() largest of these, because the lower half of a pattern never outweighs the upper one.
  static Pair unsettled(const uint16_t* from) {
    const Words both = load<Words>(from);
    return {floats(both << 16), floats(both)};
  }
  static float settled(float x) {
    return __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, x) & 0xFFFF0000u);
  }
  template <Stores kStores>
  static void put(Pair v, uint16_t* to) {
    store_as<kStores>(joined_bf16(v), to);
  }
};

template <>
struct Pairs<Fp16Format> {
  static constexpr bool kInOrder = true;
  static int64_t place(int64_t i) { return i; }
  static Pair unsettled(const uint16_t* from) { return get(from); }
  static float settled(float x) { return x; }
  static Pair get(const uint16_t* from) {
    return {Fp16Format::widen(load<Halves>(from)), Fp16Format::widen(load<Halves>(from + kLanes))};
  }
  template <Stores kStores>
  static void put(Pair v, uint16_t* to) {
    const Halves a = Fp16Format::narrow(v.a), b = Fp16Format::narrow(v.b);
#if defined(__AVX512F__)
    const __m512i low = _mm512_maskz_inserti64x4(0xFF, __m512i{}, reinterpret_cast<__m256i>(a), 0);
    store_as<kStores>(_mm512_maskz_inserti64x4(0xFF, low, reinterpret_cast<__m256i>(b), 1), to);
#else
    store_as<kStores>(a, to);
    store_as<kStores>(b, to + kLanes);
#endif
  }
};

/// Every line of a pair.
template <class E>
void ask_for_pair(const E* present) {
  constexpr int64_t kEach = 64 / static_cast<int64_t>(sizeof(E));
  for (int64_t i = 0; i < kPair; i += kEach) ask_for(present + i);
}

/// out[i] = value(x[i]) for n elements; `value` of whole vectors, of Floats.
template <class F, Stores kStores, class Value>
void map_as(const typename F::Element* x, typename F::Element* out, int64_t n, Value value) {
  constexpr int64_t kAlign = kStores == Stores::streaming ? kVectorBytes : 1;
  const auto past = static_cast<int64_t>(reinterpret_cast<uint64_t>(out) % kAlign);
  const int64_t before = (kAlign - past) % kAlign / static_cast<int64_t>(sizeof(*out));
  const auto singly = [=](int64_t first, int64_t last) {
    for_vectors(last - first, [=](int64_t i, auto lanes) {
      put<F>(value(get<F>(x + first + i, lanes)), out + first + i, lanes);
    });
  };
  int64_t i = before < n ? before : n;
  singly(0, i);
  for (; i + kPair <= n; i += kPair) {
    ask_for_pair(x + i);
    const Pair v = Pairs<F>::get(x + i);
    Pairs<F>::template put<kStores>({value(v.a), value(v.b)}, out + i);
  }
  singly(i, n);
}

template <class F, class Value>
void map(const typename F::Element* x, typename F::Element* out, int64_t n, Stores stores, Value value) {
  stores == Stores::streaming ? map_as<F, Stores::streaming>(x, out, n, value)
                              : map_as<F, Stores::ordinary>(x, out, n, value);
}

}  // namespace
}  // namespace breakeven::cpu
