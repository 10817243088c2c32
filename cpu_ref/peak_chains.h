// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/peak_loops.h"

// Included by one source file per instruction set, and in an unnamed namespace for the reason told in
// simd_widen.h.

// "v" is any vector register of AVX-512, "x" one of the first sixteen, "w" one of Arm's. An empty asm that
// claims to change a value keeps it in its register and keeps the compiler from folding the loop.
#if defined(__aarch64__)
#define BREAKEVEN_KEEP(value) asm volatile("" : "+w"(value))
#elif defined(__AVX512F__)
#define BREAKEVEN_KEEP(value) asm volatile("" : "+v"(value))
#else
#define BREAKEVEN_KEEP(value) asm volatile("" : "+x"(value))
#endif

namespace breakeven::cpu {
namespace {

/// Enough independent chains to cover latency (4 to 5 cycles) times units (2 to 4), few enough for the
/// registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kChains = 24;
#else
constexpr int kChains = 12;
#endif

template <class Step>
inline __attribute__((always_inline)) void advance(const Step& step, typename Step::Vector& x) {
  x = step.apply(x);
  BREAKEVEN_KEEP(x);
}

/// `Step::apply(x)` is one instruction on one vector of `Step::kFlops` operations. The chains are a pack of
/// parameters, not an array: g++ 12 leaves an array of 24 vectors in memory, and a loop that loads and stores
/// measures a third of the rate.
template <class Step, int Missing = kChains, class... Chains>
inline __attribute__((always_inline)) double run(int64_t rounds, Chains... x) {
  if constexpr (Missing > 0) {
    return run<Step, Missing - 1>(rounds, x..., Step::start());
  } else {
    const Step step;
    for (int64_t r = 0; r < rounds; ++r) (advance(step, x), ...);
    return static_cast<double>(rounds) * kChains * Step::kFlops;
  }
}

template <class Step>
double run_chains(int64_t rounds) {
  return run<Step>(rounds);
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
