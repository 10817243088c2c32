// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cpu_ref/peak_loops.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// The loop that drives the unit which this CPU would really compute `precision` on.
struct PeakChoice {
  PeakLoop loop;
  PeakKind kind;
  std::string method;  // "AVX-512 FMA"
};
PeakChoice choose_peak(Precision);

/// The rate of a loop on all threads at once, the best of several windows; about 50 ms.
Peak measure_peak(const PeakChoice&, int threads);

/// Bytes read plus bytes written per second by a copy between two buffers of `bytes`, all threads: memcpy's
/// or that of the memory-bound loops with ordinary or streaming stores, whichever is fastest.
Peak measure_copy(int64_t bytes, int threads);

}  // namespace breakeven::cpu
