// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_unit.h"
#include "cpu_ref/simd_widen.h"
#include "harness/rounding.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Vectors of fp32 for the memory-bound loops, and how elements become them and come of them. As in
// simd_widen.h (whose trap applies): included by one file per instruction set, everything in an unnamed
// namespace.

namespace breakeven::cpu {
namespace {

using Floats = VectorOf<float>::type;
using Words = VectorOf<uint32_t>::type;
typedef uint16_t Halves __attribute__((vector_size(kVectorBytes / 2)));
using Shorts = VectorOf<int16_t>::type;
constexpr int64_t kLanes = kVectorBytes / 4;
#if defined(__AVX512F__)
constexpr __mmask16 kEveryLane = 0xFFFF;  // g++ 12 warns of the forms without a mask
#endif

inline Floats all(float x) { return x - Floats{}; }
inline Floats floats(Words bits) { return reinterpret_cast<Floats>(bits); }
inline Words words(Floats v) { return reinterpret_cast<Words>(v); }

inline Floats larger(Floats a, Floats b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_max_ps(kEveryLane, reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_max_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b)));
#else
  return a > b ? a : b;
#endif
}
inline Floats smaller(Floats a, Floats b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_min_ps(kEveryLane, reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_min_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b)));
#else
  return a < b ? a : b;
#endif
}
inline Shorts larger_shorts(Shorts a, Shorts b) {
#if defined(__AVX512BW__)
  return reinterpret_cast<Shorts>(
      _mm512_maskz_max_epi16(0xFFFFFFFF, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<Shorts>(
      _mm256_max_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return a > b ? a : b;
#endif
}
inline Floats root(Floats a) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_sqrt_ps(kEveryLane, reinterpret_cast<__m512>(a)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_sqrt_ps(reinterpret_cast<__m256>(a)));
#else
  for (int64_t i = 0; i < kLanes; ++i) a[i] = __builtin_sqrtf(a[i]);
  return a;
#endif
}

/// Within 2 units in the last place for 1 <= a <= 2^60: an estimate of 14 or 12 bits and a step of Newton's.
/// A division takes as long as all the rest of a GELU.
inline Floats reciprocal(Floats a) {
#if defined(__AVX512F__)
  const Floats guess =
      reinterpret_cast<Floats>(_mm512_maskz_rcp14_ps(kEveryLane, reinterpret_cast<__m512>(a)));
#elif defined(__AVX2__)
  const Floats guess = reinterpret_cast<Floats>(_mm256_rcp_ps(reinterpret_cast<__m256>(a)));
#else
  return 1.0f / a;
#endif
#if defined(__AVX2__)
  return guess + guess * (1.0f - a * guess);
#endif
}

/// The lanes of v joined to one value, its halves with each other down to 16 bytes, so that the order does
/// not depend on the compiler.
template <class V, class Join>
auto joined(V v, Join join) {
  using Lane = std::remove_cvref_t<decltype(v[0])>;
  if constexpr (sizeof(V) > 16) {
    typedef Lane Half __attribute__((vector_size(sizeof(V) / 2)));
    struct Both {
      Half low, high;
    };
    const auto both = __builtin_bit_cast(Both, v);
    return joined(join(both.low, both.high), join);
  } else {
    Lane lanes[16 / sizeof(Lane)];
    __builtin_memcpy(lanes, &v, sizeof lanes);
    for (size_t half = 8 / sizeof(Lane); half > 0; half /= 2) {
      for (size_t i = 0; i < half; ++i) lanes[i] = join(lanes[i], lanes[i + half]);
    }
    return lanes[0];
  }
}
inline float sum_of(Floats v) {
  return joined(v, [](auto a, auto b) { return a + b; });
}
inline float largest_of(Floats v) {
  return joined(v, [](auto a, auto b) { return a > b ? a : b; });
}
inline int16_t largest_of(Shorts v) {
  return joined(v, [](auto a, auto b) { return a > b ? a : b; });
}

/// A whole vector past the caches; `to` is aligned to its size.
template <class V>
void stream_bytes(V v, void* to) {
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64)
    return _mm512_stream_si512(static_cast<__m512i*>(to), reinterpret_cast<__m512i>(v));
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(V) == 32)
    return _mm256_stream_si256(static_cast<__m256i*>(to), reinterpret_cast<__m256i>(v));
#endif
#if defined(__x86_64__)
  if constexpr (sizeof(V) == 16)
    return _mm_stream_si128(static_cast<__m128i*>(to), reinterpret_cast<__m128i>(v));
#endif
  store(v, to);
}
/// Other threads see streaming stores only after this.
inline void end_streaming() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

struct Fp32Format {
  using Element = float;
  using Packed = Floats;
  static Floats widen(Packed v) { return v; }
  static Packed narrow(Floats v) { return v; }
};

struct Bf16Format {
  using Element = uint16_t;
  using Packed = Halves;
#if defined(__AVX512F__)  // by name: g++ 12 takes the vector apart and puts it together again
  static Floats widen(Packed v) {
    const __m512i longer = _mm512_maskz_cvtepu16_epi32(kEveryLane, reinterpret_cast<__m256i>(v));
    return floats(reinterpret_cast<Words>(longer) << 16);
  }
  static Packed narrow(Floats v) {
    return reinterpret_cast<Packed>(
        _mm512_maskz_cvtepi32_epi16(kEveryLane, reinterpret_cast<__m512i>(nearest(v) >> 16)));
  }
#else
  static Floats widen(Packed v) { return floats(__builtin_convertvector(v, Words) << 16); }
  static Packed narrow(Floats v) { return __builtin_convertvector(nearest(v) >> 16, Packed); }
#endif
  /// To nearest, ties to even, in a lane's upper half. Infinity stays, and NaN but for the largest payloads.
  static Words nearest(Floats v) {
    const Words bits = words(v);
    return bits + 0x7FFFu + ((bits >> 16) & 1u);
  }
};

struct Fp16Format {
  using Element = uint16_t;
  using Packed = Halves;
#if defined(__AVX512F__)
  static Floats widen(Packed v) {
    return reinterpret_cast<Floats>(_mm512_maskz_cvtph_ps(kEveryLane, reinterpret_cast<__m256i>(v)));
  }
  static Packed narrow(Floats v) {
    return reinterpret_cast<Packed>(
        _mm512_maskz_cvtps_ph(kEveryLane, reinterpret_cast<__m512>(v), _MM_FROUND_TO_NEAREST_INT));
  }
#elif defined(__F16C__)
  static Floats widen(Packed v) {
    return reinterpret_cast<Floats>(_mm256_cvtph_ps(reinterpret_cast<__m128i>(v)));
  }
  static Packed narrow(Floats v) {
    return reinterpret_cast<Packed>(_mm256_cvtps_ph(reinterpret_cast<__m256>(v), _MM_FROUND_TO_NEAREST_INT));
  }
#else
  static Floats widen(Packed v) {
    Words bits{};
    for (int64_t i = 0; i < kLanes; ++i) bits[i] = from_fp16(v[i]);
    return floats(bits);
  }
  static Packed narrow(Floats v) {
    const Words bits = words(v);
    Packed made{};
    for (int64_t i = 0; i < kLanes; ++i) made[i] = to_fp16(bits[i]);
    return made;
  }
#endif
};

/// Bytes, only ever copied.
struct ByteFormat {
  using Element = uint8_t;
};

/// Loops that compute a good deal per element have too few loads under way to keep memory busy, and the
/// processor's own prefetcher ends at every page: they ask for what is this far ahead, first into the
/// second-level cache, then into the first. Beyond an array's end nothing happens.
constexpr int64_t kFarBytes = 4096, kNearBytes = 512;
template <class E>
void ask_for(const E* present) {
  constexpr int kReading = 0, kSecondLevel = 2, kFirstLevel = 3;
  const char* at = reinterpret_cast<const char*>(present);
  __builtin_prefetch(at + kFarBytes, kReading, kSecondLevel);
  __builtin_prefetch(at + kNearBytes, kReading, kFirstLevel);
}

/// How many lanes of a vector there are: all, or the first `count`.
struct Full {};
struct Part {
  int64_t count;
};

template <class F>
Floats get(const typename F::Element* from, Full) {
  return F::widen(load<typename F::Packed>(from));
}
/// Zeros behind the part.
template <class F>
Floats get(const typename F::Element* from, Part part) {
  typename F::Packed v{};
  __builtin_memcpy(&v, from, static_cast<uint64_t>(part.count) * sizeof(*from));
  return F::widen(v);
}
template <class F>
void put(Floats v, typename F::Element* to, Full) {
  store(F::narrow(v), to);
}
template <class F>
void put(Floats v, typename F::Element* to, Part part) {
  const typename F::Packed packed = F::narrow(v);
  __builtin_memcpy(to, &packed, static_cast<uint64_t>(part.count) * sizeof(*to));
}
template <class F>
void stream(Floats v, typename F::Element* to) {
  stream_bytes(F::narrow(v), to);
}

/// `each(i, lanes)` over 0 .. n - 1, a vector at a time.
template <class Each>
void for_vectors(int64_t n, Each each) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) each(i, Full{});
  if (i < n) each(i, Part{n - i});
}

/// out[i] = value(i, lanes). Streamed from the first aligned element on.
template <class F, class Value>
void write(typename F::Element* out, int64_t n, Stores stores, Value value) {
  if (stores == Stores::ordinary) {
    return for_vectors(n, [&](int64_t i, auto lanes) { put<F>(value(i, lanes), out + i, lanes); });
  }
  constexpr uint64_t kAlign = sizeof(typename F::Packed);
  const int64_t off = static_cast<int64_t>(reinterpret_cast<uint64_t>(out) % kAlign / sizeof(*out));
  const int64_t before = off == 0 ? 0 : kLanes - off;
  int64_t i = before < n ? before : n;
  if (i > 0) put<F>(value(0, Part{i}), out, Part{i});
  for (; i + kLanes <= n; i += kLanes) stream<F>(value(i, Full{}), out + i);
  if (i < n) put<F>(value(i, Part{n - i}), out + i, Part{n - i});
}

/// The sum over value(i, lanes), which must be 0 in the lanes behind a part. Four sums side by side hide the
/// latency of addition.
template <class Value>
float sum_over(int64_t n, Value value) {
  Floats sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    for (int64_t k = 0; k < 4; ++k) sums[k] += value(i + k * kLanes, Full{});
  }
  for_vectors(n - i, [&](int64_t j, auto lanes) { sums[0] += value(i + j, lanes); });
  return sum_of((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// `v` in the lanes there are, 0 behind them.
inline Floats only(Floats v, Full) { return v; }
inline Floats only(Floats v, Part part) {
  for (int64_t i = part.count; i < kLanes; ++i) v[i] = 0;
  return v;
}

}  // namespace
}  // namespace breakeven::cpu
