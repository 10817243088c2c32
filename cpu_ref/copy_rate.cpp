// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "cpu_ref/pages.h"
#include "cpu_ref/peaks.h"

namespace breakeven::cpu {
namespace {

using Copy = void (*)(std::byte* to, const std::byte* from, int64_t bytes);

// glibc's memcpy chooses streaming stores by itself above a threshold; pieces below that stay ordinary.
void copy_ordinary(std::byte* to, const std::byte* from, int64_t bytes) {
  constexpr int64_t kPiece = 64 << 10;
  for (int64_t i = 0; i < bytes; i += kPiece)
    std::memcpy(to + i, from + i, static_cast<size_t>(std::min(kPiece, bytes - i)));
}

#if defined(__x86_64__)
/// Stores that do not first read the line they overwrite. `bytes` is a multiple of 64.
void copy_streaming(std::byte* to, const std::byte* from, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i += 64) {
    for (int64_t j = 0; j < 64; j += 16) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i + j),
                       _mm_load_si128(reinterpret_cast<const __m128i*>(from + i + j)));
    }
  }
  _mm_sfence();
}
#endif

double seconds_of(Copy copy, std::byte* to, const std::byte* from, int64_t bytes, int threads) {
  const auto begin = std::chrono::steady_clock::now();
#pragma omp parallel num_threads(threads)
  {
    const int64_t lines = bytes / 64, team = omp_get_num_threads(), me = omp_get_thread_num();
    const int64_t first = lines * me / team * 64, last = lines * (me + 1) / team * 64;
    copy(to + first, from + first, last - first);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Peak measure_copy(int64_t bytes, int threads) {
  // Other programs take memory bandwidth too; the best is undisturbed. Caches of some hundred MiB make for
  // long copies: then fewer.
  constexpr int kRepeats = 16, kFewestRepeats = 4;
  constexpr double kEnoughSeconds = 0.3;
  SlottedPages from(1, bytes), to(1, bytes);
  from.fill(0x5A);
  to.fill(0);
  const auto best_of = [&](Copy copy) {
    double best = seconds_of(copy, to.at(0), from.at(0), bytes, threads), sum = best;
    for (int i = 1; i < kRepeats && (i < kFewestRepeats || sum < kEnoughSeconds); ++i) {
      const double seconds = seconds_of(copy, to.at(0), from.at(0), bytes, threads);
      best = std::min(best, seconds);
      sum += seconds;
    }
    return 2 * static_cast<double>(bytes) / best;
  };
  const double ordinary = best_of(copy_ordinary);
  double streaming = 0;
#if defined(__x86_64__)
  streaming = best_of(copy_streaming);
#endif
  return {std::max(ordinary, streaming), PeakKind::attainable,
          fmt::format("copy of {} MiB, {} stores, {} thread{}", bytes >> 20,
                      streaming > ordinary ? "streaming" : "ordinary", threads, threads == 1 ? "" : "s")};
}

}  // namespace breakeven::cpu
