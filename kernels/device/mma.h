// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// mma.sync: a warp multiplies small matrices held in registers, D = A B + D; and the moves between shared
// memory and those fragments. Fragments in the PTX ISA's register order. With g = lane / 4, t = lane % 4 and
// 16-bit types, m16n8k16: a[0] = A[g][2t..], a[1] = A[g+8][2t..], a[2] = A[g][2t+8..], a[3] = A[g+8][2t+8..];
// b[0] = B[2t..][g], b[1] = B[2t+8..][g]; d = D[g][2t], D[g][2t+1], D[g+8][2t], D[g+8][2t+1].
// Trap: all 32 lanes take part, always.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/mma.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

#define BREAKEVEN_MMA_4_4_2(instruction, c)                                                             \
  asm volatile("mma.sync.aligned." instruction " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
               : c(d[0]), c(d[1]), c(d[2]), c(d[3])                                                     \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))

/// Compute capability 8.0 and newer.
__device__ inline void mma_m16n8k16_bf16([[maybe_unused]] float (&d)[4],
                                         [[maybe_unused]] const uint32_t (&a)[4],
                                         [[maybe_unused]] const uint32_t (&b)[2]) {
#if BREAKEVEN_ARCH >= 800
  BREAKEVEN_MMA_4_4_2("m16n8k16.row.col.f32.bf16.bf16.f32", "+f");
#endif
}

/// Compute capability 8.0 and newer.
__device__ inline void mma_m16n8k16_fp16([[maybe_unused]] float (&d)[4],
                                         [[maybe_unused]] const uint32_t (&a)[4],
                                         [[maybe_unused]] const uint32_t (&b)[2]) {
#if BREAKEVEN_ARCH >= 800
  BREAKEVEN_MMA_4_4_2("m16n8k16.row.col.f32.f16.f16.f32", "+f");
#endif
}

/// Half the depth, for Turing: a[0] = A[g][2t..], a[1] = A[g+8][2t..]; b[0] = B[2t..][g].
__device__ inline void mma_m16n8k8_fp16([[maybe_unused]] float (&d)[4],
                                        [[maybe_unused]] const uint32_t (&a)[2],
                                        [[maybe_unused]] const uint32_t (&b)[1]) {
#if BREAKEVEN_ARCH >= 750
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#endif
}

/// One element a register: a[0] = A[g][t], a[1] = A[g+8][t], a[2] = A[g][t+4], a[3] = A[g+8][t+4];
/// b[0] = B[t][g], b[1] = B[t+4][g]. The low 13 bits of an element are ignored: round_to_tf32 first.
__device__ inline void mma_m16n8k8_tf32([[maybe_unused]] float (&d)[4],
                                        [[maybe_unused]] const uint32_t (&a)[4],
                                        [[maybe_unused]] const uint32_t (&b)[2]) {
#if BREAKEVEN_ARCH >= 800
  BREAKEVEN_MMA_4_4_2("m16n8k8.row.col.f32.tf32.tf32.f32", "+f");
#endif
}

/// Four elements a register: a[0] = A[g][4t..], a[1] = A[g+8][4t..], a[2] = A[g][4t+16..], a[3] likewise;
/// b[0] = B[4t..][g], b[1] = B[4t+16..][g].
__device__ inline void mma_m16n8k32_int8([[maybe_unused]] int32_t (&d)[4],
                                         [[maybe_unused]] const uint32_t (&a)[4],
                                         [[maybe_unused]] const uint32_t (&b)[2]) {
#if BREAKEVEN_ARCH >= 800
  BREAKEVEN_MMA_4_4_2("m16n8k32.row.col.s32.s8.s8.s32", "+r");
#endif
}

/// Fragments as for int8. Native on compute capability 8.9 and 12.0; elsewhere ptxas makes it of fp16.
__device__ inline void mma_m16n8k32_e4m3([[maybe_unused]] float (&d)[4],
                                         [[maybe_unused]] const uint32_t (&a)[4],
                                         [[maybe_unused]] const uint32_t (&b)[2]) {
#if BREAKEVEN_ARCH >= 890
  BREAKEVEN_MMA_4_4_2("m16n8k32.row.col.f32.e4m3.e4m3.f32", "+f");
#endif
}

#undef BREAKEVEN_MMA_4_4_2

/// a[i] = A[g + 8 (i % 2)][t + 4 (i / 2)], b[i] = B[t + 4 i][g]. Compute capability 9.0 and newer.
__device__ inline void mma_m16n8k16_fp64([[maybe_unused]] double (&d)[4],
                                         [[maybe_unused]] const double (&a)[8],
                                         [[maybe_unused]] const double (&b)[4]) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0,%1,%2,%3}, {%4,%5,%6,%7,%8,%9,%10,%11}, "
      "{%12,%13,%14,%15}, {%0,%1,%2,%3};"
      : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
      : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(a[4]), "d"(a[5]), "d"(a[6]), "d"(a[7]), "d"(b[0]),
        "d"(b[1]), "d"(b[2]), "d"(b[3]));
#endif
}

/// ldmatrix: lane 8 i + j holds the address of row j (16 bytes, aligned) of 8 x 8 matrix i; register i of
/// lane 4 j + t receives elements 2t, 2t+1 of row j. Turing and newer.
__device__ inline void ldmatrix_x4(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

/// Each matrix transposed on the way: lane 4 j + t receives rows 2t, 2t+1 of column j.
__device__ inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

/// Two matrices: the addresses of lanes 16 to 31 are not used.
__device__ inline void ldmatrix_x2(uint32_t (&r)[2], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(shared_address(row))
               : "memory");
}

__device__ inline void ldmatrix_x2_trans(uint32_t (&r)[2], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(shared_address(row))
               : "memory");
}

/// stmatrix: the way back. Compute capability 9.0 and newer.
__device__ inline void stmatrix_x4([[maybe_unused]] void* row, [[maybe_unused]] const uint32_t (&r)[4]) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(shared_address(row)),
               "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])
               : "memory");
#endif
}

__device__ inline void stmatrix_x4_trans([[maybe_unused]] void* row,
                                         [[maybe_unused]] const uint32_t (&r)[4]) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(shared_address(row)),
      "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])
      : "memory");
#endif
}

/// cvt.rna.tf32.f32: to the nearest tf32, ties away from zero; the low 13 bits become zero. Before 8.0: as
/// is.
__device__ inline uint32_t round_to_tf32(float value) {
#if BREAKEVEN_ARCH >= 800
  uint32_t rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(value));
  return rounded;
#else
  return __float_as_uint(value);
#endif
}

}  // namespace breakeven::device

#endif
