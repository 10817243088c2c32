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
  static Pair get(const float* from) { return load_pair(from); }
  template <Stores kStores>
  static void put(Pair v, float* to) {
    store_as<kStores>(v.a, to);
    store_as<kStores>(v.b, to + kLanes);
  }
};

template <>
struct Pairs<Bf16Format> {
  static constexpr bool kInOrder = false;
  static int64_t place(int64_t i) { return i % 2 * kLanes + i / 2; }
  static Pair get(const uint16_t* from) {
    const Words both = load<Words>(from);
    return {floats(both << 16), floats(both & 0xFFFF0000u)};
  }
  /// To nearest, ties away from 0, which takes half as long as ties to even. The addition keeps infinity, and
  /// NaN but for those with the largest payloads.
  template <Stores kStores>
  static void put(Pair v, uint16_t* to) {
    const Words a = words(v.a) + 0x8000u, b = words(v.b) + 0x8000u;
    store_as<kStores>((a >> 16) | (b & 0xFFFF0000u), to);
  }
};

template <>
struct Pairs<Fp16Format> {
  static constexpr bool kInOrder = true;
  static int64_t place(int64_t i) { return i; }
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

/// The largest element of a row that is taken pair by pair.
template <class F>
class Largest {
 public:
  void take(const typename F::Element* from) {
    const Pair v = Pairs<F>::get(from);
    most_ = {larger(most_.a, v.a), larger(most_.b, v.b)};
  }
  float of(const typename F::Element*, int64_t) const { return largest_of(larger(most_.a, most_.b)); }

 private:
  Pair most_{all(-__builtin_inff()), all(-__builtin_inff())};
};

/// Patterns of bf16 compare as integers if one of them is positive: one instruction for a pair. Among
/// negative ones the least pattern is the largest number; then the row is read again.
template <>
class Largest<Bf16Format> {
 public:
  void take(const uint16_t* from) { most_ = larger_shorts(most_, load<Shorts>(from)); }
  float of(const uint16_t* row, int64_t n) const {
    int16_t most = largest_of(most_);
    if (most < 0) {
      for (int64_t i = 0; i < n; ++i) {
        const auto pattern = static_cast<int16_t>(row[i]);
        most = pattern < most || i == 0 ? pattern : most;
      }
    }
    return __builtin_bit_cast(float, static_cast<uint32_t>(static_cast<uint16_t>(most)) << 16);
  }

 private:
  Shorts most_ = Shorts{} + static_cast<int16_t>(-0x8000);
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
