// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// Whether a register tile begins a sum over k or continues the one that stands in C.
enum class Sum : uint8_t { begin, go_on };

/// One instruction set's way to multiply one precision. Untyped on purpose: the loops around the register
/// tile (gemm_simd.cpp) are the same for every precision, and only the files behind this table are compiled
/// for more than the baseline instruction set.
///
/// Panels: A in strips of `rows`, B in strips of `columns`; within a strip k runs slowest, in groups of
/// `group` neighbouring elements that one instruction multiplies at once: [k / group][rows or
/// columns][group], zero-padded.
struct SimdUnit {
  const char* name;       // "AVX-512 FMA"
  int64_t rows, columns;  // of the register tile
  int64_t group;
  int64_t block_depth;      // of k, packed at a time; a multiple of `group`
  int64_t packed_bytes;     // of one element in a panel
  int64_t b_trailer_bytes;  // behind each strip of B, for corrections that depend on B alone
  int64_t sum_bytes;        // of one accumulator
  void (*pack_a)(const void* a, int64_t stride, int64_t rows, int64_t depth, void* strip);
  void (*pack_b)(const void* b, int64_t stride, int64_t depth, int64_t columns, void* strip);
  /// c[rows, columns] (row stride `c_stride` elements) = or += the product of two strips `depth` elements
  /// long.
  void (*tile)(int64_t depth, const void* a, const void* b, void* c, int64_t c_stride, Sum);
  /// The product of at most `kThinRows` unpacked rows with `columns` columns of unpacked B, for shapes in
  /// which packing B would cost more than multiplying it: bound by the reading of B.
  void (*thin)(const void* a, int64_t a_stride, const void* b, int64_t b_stride, void* c, int64_t c_stride,
               int64_t rows, int64_t depth, int64_t columns);
  /// c[rows] = a[rows, depth] b[depth], all dense: bound by the reading of A.
  void (*column)(const void* a, const void* b, void* c, int64_t rows, int64_t depth);
  /// Around everything above, on each thread: claims and frees registers that others use too. Null: nothing
  /// to do.
  void (*enter)() = nullptr;
  void (*leave)() = nullptr;
  /// fp32 sums -> fp16, each rounded once; null where no fp16 is multiplied.
  void (*narrow)(const float* sums, int64_t count, uint16_t* out) = nullptr;
};
inline constexpr int64_t kThinRows = 4;

/// The units of one instruction set; null where it has none for that precision.
struct SimdUnits {
  const SimdUnit *fp64 = nullptr, *fp32 = nullptr, *bf16 = nullptr, *int8 = nullptr, *fp16 = nullptr;
};
SimdUnits portable_units();
#if defined(__x86_64__)
SimdUnits avx2_units();
SimdUnits avx512_units();
SimdUnits avx512_dot_units();  // bf16 and int8 alone: AVX512_BF16 and AVX512_VNNI
SimdUnits amx_units();         // bf16 and int8 alone
SimdUnits avx512_fp16_units();  // fp16 alone, in sums of at most 16 products
#endif
/// The best that this CPU can run, tiles apart.
SimdUnits best_units();
/// The same without any unit that multiplies a narrow format: everything is widened to fp32 or int32 first.
SimdUnits widening_units();

}  // namespace breakeven::cpu
