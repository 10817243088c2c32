// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "harness/precision.h"

// Twin of kernels/device/mma.h.

namespace breakeven::emu {

/// mma.sync with 8 columns of B: registers of one lane, by their bytes.
struct MmaShape {
  Precision precision;
  int m, k;
};
void mma(MmaShape, void* d, const void* a, const void* b);

enum class Transpose : uint8_t { no, yes };
void load_matrices(uint32_t* registers, int matrices, Transpose, const void* row);
void store_matrices(void* row, const uint32_t* registers, int matrices, Transpose);
uint32_t round_to_tf32(float);

}  // namespace breakeven::emu

namespace breakeven::device {

inline void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma({Precision::bf16, 16, 16}, d, a, b);
}
inline void mma_m16n8k16_fp16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma({Precision::fp16, 16, 16}, d, a, b);
}
inline void mma_m16n8k8_fp16(float (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1]) {
  emu::mma({Precision::fp16, 16, 8}, d, a, b);
}
inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma({Precision::tf32, 16, 8}, d, a, b);
}
inline void mma_m16n8k32_int8(int32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma({Precision::int8, 16, 32}, d, a, b);
}
inline void mma_m16n8k32_e4m3(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma({Precision::fp8e4m3, 16, 32}, d, a, b);
}
inline void mma_m16n8k16_fp64(double (&d)[4], const double (&a)[8], const double (&b)[4]) {
  emu::mma({Precision::fp64, 16, 16}, d, a, b);
}

inline void ldmatrix_x4(uint32_t (&r)[4], const void* row) {
  emu::load_matrices(r, 4, emu::Transpose::no, row);
}
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row) {
  emu::load_matrices(r, 4, emu::Transpose::yes, row);
}
inline void ldmatrix_x2(uint32_t (&r)[2], const void* row) {
  emu::load_matrices(r, 2, emu::Transpose::no, row);
}
inline void ldmatrix_x2_trans(uint32_t (&r)[2], const void* row) {
  emu::load_matrices(r, 2, emu::Transpose::yes, row);
}
inline void stmatrix_x4(void* row, const uint32_t (&r)[4]) {
  emu::store_matrices(row, r, 4, emu::Transpose::no);
}
inline void stmatrix_x4_trans(void* row, const uint32_t (&r)[4]) {
  emu::store_matrices(row, r, 4, emu::Transpose::yes);
}
inline uint32_t round_to_tf32(float value) { return emu::round_to_tf32(value); }

}  // namespace breakeven::device
