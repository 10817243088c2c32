// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "harness/backend.h"

// What every memory-bound contender is put to, on a GPU (gpu_memory_test.cpp) and in the emulator
// (emu/memory_test.cpp): ragged sizes, and plain loops in double that share nothing with what they check but
// the operands.

namespace breakeven::cuda {

/// Ones, primes, a part of 16 bytes more or less, and what a warp, a block and a thread's registers hold and
/// do not hold. Rows of 3, 33, 257 begin anywhere inside 16 bytes.
inline std::vector<MemoryOp> ragged_memory_ops() {
  using enum MemoryKind;
  std::vector<MemoryOp> list;
  for (const MemoryKind kind : {copy, triad, gelu, adamw}) {
    for (const int64_t n : {1, 17, 1024, 9001}) list.push_back({.kind = kind, .n = n});
  }
  for (const MemoryKind kind : {softmax, layernorm, layernorm_bwd, cross_entropy}) {
    for (const auto& [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{
             {1, 1}, {3, 3}, {70, 33}, {9, 256}, {3, 257}, {5, 520}, {3, 1025}, {2, 5000}, {70, 8}}) {
      list.push_back({.kind = kind, .rows = rows, .columns = columns});
    }
  }
  for (const MemoryKind kind : {gather, scatter_add}) {
    for (const auto& [table, depth, indices] : std::vector<std::array<int64_t, 3>>{
             {1, 1, 1}, {7, 3, 40}, {50, 33, 17}, {5, 264, 90}, {300, 64, 70}, {3, 1030, 5}}) {
      list.push_back({.kind = kind, .table = table, .depth = depth, .indices = indices});
    }
  }
  return list;
}

/// More for what rows of ordinary length do not reach: longer than the registers of a block.
inline std::vector<MemoryOp> long_memory_ops() {
  using enum MemoryKind;
  return {{.kind = softmax, .rows = 2, .columns = 24'700},
          {.kind = cross_entropy, .rows = 2, .columns = 24'701},
          {.kind = layernorm, .rows = 2, .columns = 24'702},
          {.kind = layernorm_bwd, .rows = 3, .columns = 6'152},
          {.kind = layernorm_bwd, .rows = 5, .columns = 6'201},
          {.kind = softmax, .rows = 1, .columns = 24'572},
          {.kind = layernorm_bwd, .rows = 2, .columns = 6'144},
          {.kind = scatter_add, .table = 40, .depth = 8, .indices = 9'000}};
}

/// Results one after another, and how far each element may be from the exact value.
struct ExpectedMemory {
  std::vector<double> value, bound;
  void add(double exact, double within) {
    value.push_back(exact);
    bound.push_back(within);
  }
};

ExpectedMemory expected(const MemoryOp&, const Inputs&);

/// Every element within its bound; NaN is not.
testing::AssertionResult agrees(const std::vector<Tensor>& got, const ExpectedMemory&);
double worst(const std::vector<Tensor>& got, const ExpectedMemory&);
bool same_bits(const std::vector<Tensor>&, const std::vector<Tensor>&);

/// Whether what a contender gives depends on the order of its threads, which it says of itself: atomic
/// additions in fp32.
inline bool any_order(const Kernel& kernel) { return kernel.name == "stream_scatter_atomic"; }

/// Contenders of our own that take operations of this kind.
inline std::vector<std::string> memory_contenders(const std::vector<Kernel>& kernels) {
  std::vector<std::string> names;
  for (const Kernel& kernel : kernels) {
    for (const MemoryKind kind : all_memory_kinds()) {
      const MemoryOp op{.kind = kind, .n = 1, .rows = 1, .columns = 1, .table = 1, .depth = 1, .indices = 1};
      if (kernel.timed != Timed::kernel || kernel.why_not(op)) continue;
      names.push_back(kernel.name);
      break;
    }
  }
  return names;
}

}  // namespace breakeven::cuda
