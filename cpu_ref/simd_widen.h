// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Included by one source file per instruction set, after it has defined kVectorBytes. The trap: a function
// template or inline function with external linkage, instantiated here with AVX-512 on, may be the copy the
// linker keeps for the whole program. So everything stands in an unnamed namespace and no library header is
// included.

namespace breakeven::cpu {
namespace {

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes), may_alias));
};

/// Vectors at any address. (Not by a less aligned vector type: g++ 12 drops that attribute inside templates.)
template <class V>
V load(const void* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <class V>
void store(V v, void* to) {
  __builtin_memcpy(to, &v, sizeof v);
}

/// Elements that are their own addends.
template <class T>
struct AsGiven {
  using Input = T;
  using Sum = T;
  using Vector = typename VectorOf<T>::type;
  static T one(T x) { return x; }
  static Vector many(const T* x) { return load<Vector>(x); }
};

/// bf16 patterns are the upper halves of fp32 patterns.
struct FromBf16 {
  using Input = uint16_t;
  using Sum = float;
  using Vector = VectorOf<float>::type;
  typedef uint16_t Narrow __attribute__((vector_size(kVectorBytes / 2)));
  static float one(uint16_t x) { return __builtin_bit_cast(float, static_cast<uint32_t>(x) << 16); }
  static Vector many(const uint16_t* x) {
    using Words = VectorOf<uint32_t>::type;
    return reinterpret_cast<Vector>(__builtin_convertvector(load<Narrow>(x), Words) << 16);
  }
};

struct FromInt8 {
  using Input = int8_t;
  using Sum = int32_t;
  using Vector = VectorOf<int32_t>::type;
  typedef int8_t Narrow __attribute__((vector_size(kVectorBytes / 4)));
  static int32_t one(int8_t x) { return x; }
  static Vector many(const int8_t* x) { return __builtin_convertvector(load<Narrow>(x), Vector); }
};

}  // namespace
}  // namespace breakeven::cpu
