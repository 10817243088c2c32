// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "cpu_ref/memory_simd.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/peaks.h"

namespace breakeven::cpu {
namespace {

using Copy = void (*)(std::byte* to, const std::byte* from, int64_t first, int64_t last);

// glibc chooses its way by size, beyond a threshold streaming stores.
void by_memcpy(std::byte* to, const std::byte* from, int64_t first, int64_t last) {
  std::memcpy(to + first, from + first, static_cast<size_t>(last - first));
}

template <Stores kStores>
void by_vectors(std::byte* to, const std::byte* from, int64_t first, int64_t last) {
  MemoryShare share{};
  share.in[0] = from;
  share.out[0] = to;
  share.first = first;
  share.last = last;
  share.stores = kStores;
  best_memory_unit().copy_bytes(share);
}

double seconds_of(Copy copy, std::byte* to, const std::byte* from, int64_t bytes, int threads) {
  const auto begin = std::chrono::steady_clock::now();
#pragma omp parallel num_threads(threads)
  {
    const int64_t lines = bytes / 64, team = omp_get_num_threads(), me = omp_get_thread_num();
    const int64_t first = lines * me / team * 64, last = lines * (me + 1) / team * 64;
    copy(to, from, first, last);
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
  const struct {
    const char* name;
    double rate;
  } ways[] = {{"memcpy", best_of(by_memcpy)},
              {"ordinary stores", best_of(by_vectors<Stores::ordinary>)},
              {"streaming stores", best_of(by_vectors<Stores::streaming>)}};
  const auto& best = *std::ranges::max_element(ways, {}, [](const auto& way) { return way.rate; });
  return {best.rate, PeakKind::attainable,
          fmt::format("copy of {} MiB, {}, {} thread{}", bytes >> 20, best.name, threads,
                      threads == 1 ? "" : "s")};
}

}  // namespace breakeven::cpu
