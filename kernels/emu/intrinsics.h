// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector_types.h>

#include <cstddef>
#include <cstdint>

// What the emulator's language.h calls: plain functions, compiled without instrumentation.

namespace breakeven::emu {

// Constant within a thread, and a kernel's code never leaves its thread.
[[gnu::const]] uint3 thread_index();
[[gnu::const]] uint3 block_index();
[[gnu::const]] dim3 block_size();
[[gnu::const]] dim3 grid_size();

enum class ShuffleKind : uint8_t { index, up, down, butterfly };
uint64_t shuffle(ShuffleKind, uint32_t mask, uint64_t value, int argument, int width);

uint32_t ballot(uint32_t mask, bool predicate, const char* what);
int syncthreads_count(int predicate);
void syncwarp(uint32_t mask);
int block_threads();

enum class AtomicKind : uint8_t { add, minimum, maximum, exchange, bit_and, bit_or, bit_xor };
/// On 4 or 8 bytes anywhere; returns what was there. Defined for int, unsigned, (unsigned) long long, float
/// and double where CUDA has the operation.
template <class T>
T atomic(AtomicKind, T* at, T value);
template <class T>
T atomic_compare_exchange(T* at, T expected, T wanted);

/// A judged read, for __ldg and the cache operators of loads.
void nanosleep();

}  // namespace breakeven::emu
