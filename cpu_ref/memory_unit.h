// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// Streaming stores go past the caches: a line that is overwritten whole need not be read first, which is a
/// third of a copy's traffic, and does not displace what is still to be read. For results that would not stay
/// cached anyway.
enum class Stores : uint8_t { ordinary, streaming };

/// AdamW's factors, worked out once.
struct AdamwFactors {
  float keep;              // 1 - rate * decay
  float beta1, beta2;      // of what the moments were
  float rest1, rest2;      // 1 - beta
  float rate_over;         // rate / correction1
  float over_correction2;  // 1 / correction2
  float epsilon;
};

/// A piece of one execution, and the thread's room for it. Arrays as MemoryOp lists them.
struct MemoryShare {
  const void* in[5];
  void* out[3];
  int64_t first, last;  // elements, rows, or for scatter_add rows of the table
  int64_t columns;      // of a row (depth for the tables)
  int64_t rows;         // of all threads (indices for the tables)
  float* room;          // of this thread, rows_of_room() rows of fp32, where `staged`
  float* sums;          // what layernorm_bwd adds to dgamma[columns], dbeta[columns]: overwritten
  bool staged;          // a few rows at once stay in a thread's caches
  Stores stores;
  AdamwFactors adamw;
  float norm_epsilon, triad_factor;
};
using MemoryLoop = void (*)(const MemoryShare&);

/// One instruction set's loops for one element type. Untyped, as SimdUnit is (simd_unit.h).
struct MemoryLoops {
  MemoryLoop copy, triad, softmax, layernorm, layernorm_bwd, gelu, cross_entropy, adamw, gather, scatter_add;
};
struct MemoryUnit {
  const char* name;
  MemoryLoops fp32, bf16, fp16;
  MemoryLoop copy_bytes;  // `first`, `last`: bytes
  /// y[i] = exp(x[i]), for its test.
  void (*exponentials)(const float* x, float* y, int64_t n);
  /// y[i] = 2^x[i], likewise.
  void (*powers_of_two)(const float* x, float* y, int64_t n);
};
const MemoryUnit& portable_memory_unit();
#if defined(__x86_64__)
const MemoryUnit& avx2_memory_unit();
const MemoryUnit& avx512_memory_unit();
#endif

}  // namespace breakeven::cpu
