// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/peaks.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>

#include "cpu_ref/cpu_features.h"
#include "harness/doctor_checks.h"

namespace breakeven::cpu {
namespace {

constexpr int kWindows = 40;
constexpr double kWindowSeconds = 0.001;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

#if defined(__x86_64__)
PeakChoice fp_peak(Precision p) {
  const bool fp64 = p == Precision::fp64;
  if (has(Feature::avx512)) {
    return {fp64 ? avx512_fp64_loop() : avx512_fp32_loop(), PeakKind::attainable, "AVX-512 FMA loop"};
  }
  if (has(Feature::avx2_fma)) {
    return {fp64 ? avx2_fp64_loop() : avx2_fp32_loop(), PeakKind::attainable, "AVX2 FMA loop"};
  }
  // AVX without FMA would be twice as fast.
  return {fp64 ? portable_fp64_loop() : portable_fp32_loop(), PeakKind::lower_bound,
          "SSE2 multiply and add loop"};
}

PeakChoice bf16_peak() {
  if (has(Feature::amx_bf16)) return {amx_bf16_loop(), PeakKind::attainable, "AMX bf16 loop"};
  if (has(Feature::avx512_bf16))
    return {avx512_bf16_loop(), PeakKind::attainable, "AVX512_BF16 dot product loop"};
  return fp_peak(Precision::fp32);  // widened
}

PeakChoice fp16_peak() {
  PeakChoice choice = fp_peak(Precision::fp32);  // widened
#if BREAKEVEN_AVX512_FP16
  if (has(Feature::avx512_fp16)) {
    // Granite Rapids multiplies fp16 in tiles too, which no loop here drives.
    const PeakKind kind = has(Feature::amx_fp16) ? PeakKind::lower_bound : PeakKind::attainable;
    choice = {avx512_fp16_loop(), kind, "AVX512_FP16 FMA loop"};
  }
#else
  if (has(Feature::avx512_fp16)) choice.kind = PeakKind::lower_bound;  // the compiler lacks the instructions
#endif
  return choice;
}

PeakChoice int8_peak() {
  if (has(Feature::amx_int8)) return {amx_int8_loop(), PeakKind::attainable, "AMX int8 loop"};
  if (has(Feature::avx512_vnni)) return {avx512_int8_loop(), PeakKind::attainable, "AVX512_VNNI loop"};
  if (has(Feature::avx_vnni)) return {avx_vnni_int8_loop(), PeakKind::attainable, "AVX-VNNI loop"};
  PeakChoice fp32 = fp_peak(Precision::fp32);
  fp32.kind = PeakKind::lower_bound;  // 16-bit multiply-adds (VPMADDWD) may be faster
  return fp32;
}
#else
PeakChoice fp_peak(Precision p) {
  // SVE may be wider than the 128 bits driven here.
  return {p == Precision::fp64 ? portable_fp64_loop() : portable_fp32_loop(), PeakKind::lower_bound,
          "128-bit multiply-add loop"};
}
PeakChoice bf16_peak() { return fp_peak(Precision::fp32); }
PeakChoice fp16_peak() { return fp_peak(Precision::fp32); }
PeakChoice int8_peak() { return fp_peak(Precision::fp32); }
#endif

/// The best rate of each thread's own windows, summed over the threads, which all run at once. A window is
/// shorter than a scheduler's time slice: where others compete for the cores, some windows of every thread
/// are whole, and the sum is still what the cores can do.
double sum_of_best_windows(PeakLoop loop, int64_t rounds, int threads) {
  double sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
  {
    double best = 0;
#pragma omp barrier
    for (int window = 0; window < kWindows; ++window) {
      const double begin = now();
      const double flops = loop(rounds);
      best = std::max(best, flops / (now() - begin));
    }
    sum += best;
  }
  return sum;
}

}  // namespace

PeakChoice choose_peak(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return bf16_peak();
    case Precision::fp8e4m3:
      return bf16_peak();  // four significant bits: exact in bf16
    case Precision::fp16:
      return fp16_peak();
    case Precision::int8:
      return int8_peak();
    default:
      return fp_peak(precision);  // tf32 is computed as fp32
  }
}

Peak measure_peak(const PeakChoice& choice, int threads) {
  // Long enough for the clock, short against a time slice; the fastest of three sizings is an undisturbed
  // one.
  int64_t rounds = 1000;
  const auto once = [&] {
    const double begin = now();
    choice.loop(rounds);
    return now() - begin;
  };
  while (std::min({once(), once(), once()}) < kWindowSeconds / 2) rounds *= 2;
  // Without optimisation, or under a sanitizer, the loop spills; libraries built properly are faster than it.
  const doctor::Build build = doctor::this_build();
  const PeakKind kind = build.optimised && !build.sanitized ? choice.kind : PeakKind::lower_bound;
  return {sum_of_best_windows(choice.loop, rounds, threads), kind,
          fmt::format("{}, {} thread{}", choice.method, threads, threads == 1 ? "" : "s")};
}

}  // namespace breakeven::cpu
