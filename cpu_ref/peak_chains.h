// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/peak_loops.h"

// Included by one source file per instruction set, and in an unnamed namespace for the reason told in
// simd_widen.h.

// "v" is any vector register of AVX-512, "x" one of the first sixteen, "w" one of Arm's. An empty asm that claims
// to change a value keeps it in its register and keeps the compiler from folding the loop.
#if defined(__aarch64__)
#define BREAKEVEN_KEEP(value) asm volatile("" : "+w"(value))
#elif defined(__AVX512F__)
#define BREAKEVEN_KEEP(value) asm volatile("" : "+v"(value))
#else
#define BREAKEVEN_KEEP(value) asm volatile("" : "+x"(value))
#endif

namespace breakeven::cpu {
namespace {

/// Enough independent chains to cover latency (4 to 5 cycles) times units (2 to 4), few enough for the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kChains = 24;
#else
constexpr int kChains = 12;
#endif

/// `Step::apply(x)` is one instruction on one vector of `Step::kFlops` operations.
template <class Step>
double run_chains(int64_t rounds) {
  typename Step::Vector x[kChains];
  for (int i = 0; i < kChains; ++i) x[i] = Step::start();
  Step step;
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 32
    for (int i = 0; i < kChains; ++i) {
      x[i] = step.apply(x[i]);
      BREAKEVEN_KEEP(x[i]);
    }
  }
  return static_cast<double>(rounds) * kChains * Step::kFlops;
}

/// x = x a + b with fixed point 1: neither overflow nor denormals, for ever.
template <class T, int Bytes>
struct MultiplyAddStep {
  typedef T Vector __attribute__((vector_size(Bytes)));
  static constexpr double kFlops = 2.0 * Bytes / sizeof(T);
  Vector a = Vector{} + T(0.75), b = Vector{} + T(0.25);
  MultiplyAddStep() {
    BREAKEVEN_KEEP(a);
    BREAKEVEN_KEEP(b);
  }
  static Vector start() { return Vector{} + T(0.5); }
  Vector apply(Vector x) const { return x * a + b; }
};

}  // namespace
}  // namespace breakeven::cpu
