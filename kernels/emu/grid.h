// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "kernels/emu/block.h"

namespace breakeven::emu {

// What an emulated multiprocessor of sm_90 has.
inline constexpr int64_t kMaxThreads = 1024, kMaxShared = 227 << 10, kMaxStaticShared = 48 << 10,
                         kMaxCluster = 8;
inline constexpr int kMultiprocessors = 4;

/// Runs `body` once per thread of the grid and returns when all have ended. Seed 0: in plain turns, as a GPU
/// might on a quiet day; others: in any order that is allowed, some threads held back for long, asynchronous
/// operations late and out of order. Throws Fault. The shape must be one that can_launch.
void run_grid(const char* name, const GridShape&, const std::function<void()>& body, uint64_t seed);

/// For tests of grids too large to run: of one with more clusters only the first and the last ones are run,
/// this many.
void run_at_most(int64_t clusters);
inline constexpr int64_t kAllClusters = int64_t{1} << 62;

/// What a launch of this shape returns: cudaSuccess, cudaErrorInvalidConfiguration, cudaErrorInvalidValue.
int can_launch(const GridShape&);

}  // namespace breakeven::emu
