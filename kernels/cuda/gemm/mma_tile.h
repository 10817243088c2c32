// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/gemm/tile_layout.h"
#include "kernels/device/major.h"
#include "kernels/device/mma.h"

// What mma_swizzled is made of: its tiles, its fragments, its instruction. All precisions look alike when k
// is counted in bytes: a step is 128 bytes of k, an instruction multiplies 16 rows by 8 columns along 32 of
// them.

namespace breakeven::cuda {

/// What differs for Turing: half the depth per instruction, no cp.async, two stages.
enum class Generation : uint8_t { turing, ampere };

/// A tile of C, m x n, computed by warps_m x warps_n warps; `blocks` of them should fit a multiprocessor.
template <Precision P, Generation generation, int m, int n, int warps_m, int warps_n, int stages, int blocks>
struct MmaTile {
  using Types = Arithmetic<P>;
  static constexpr Precision kPrecision = P;
  static constexpr Generation kGeneration = generation;
  static constexpr int kM = m, kN = n, kStages = stages, kBlocks = blocks;
  static constexpr int kThreads = warps_m * warps_n * 32, kWarpM = m / warps_m, kWarpN = n / warps_n;
  static constexpr int kStepBytes = 128, kSteps = kStepBytes / 32;  // instructions deep
  static constexpr int kK = kStepBytes / sizeof(typename Types::In);
  /// B as given, [k][n], where ldmatrix can turn it, which it does in units of 16 bits; else it is [n][k].
  static constexpr device::Major kBMajor =
      sizeof(typename Types::In) == 2 ? device::Major::mn : device::Major::k;
  using LayoutA = Swizzled<kStepBytes>;                                         // [row][k]
  using LayoutB = Swizzled<kBMajor == device::Major::mn ? n * 2 : kStepBytes>;  // [k][column], [column][k]
  static constexpr int kBytesA = m * kStepBytes, kStageBytes = (m + n) * kStepBytes;
  static constexpr int kSharedBytes = stages * kStageBytes;

  static constexpr int kOldestArch = generation == Generation::turing ? 750 : 800;  // as BREAKEVEN_ARCH

  /// Where the warp's part begins.
  static __device__ int warp_row() { return threadIdx.x / 32 / warps_n * kWarpM; }
  static __device__ int warp_column() { return threadIdx.x / 32 % warps_n * kWarpN; }
};

/// A warp's operands for one instruction's depth: 16 rows of A in four registers, 8 columns of B in two.
template <class T>
struct Fragments {
  uint32_t a[T::kWarpM / 16][4], b[T::kWarpN / 8][2];
};

/// ldmatrix.x4 brings four pieces of 8 rows by 16 bytes; lane 8 i + j says where row j of piece i lies.
/// A: rows 0-7 and 8-15 at the first 16 bytes of k, then both at the next 16: the order of mma's registers.
/// B: the same two pieces of k for 8 columns, then for the next 8; from [k][n] each piece is turned (.trans).
template <class T>
__device__ inline void load_fragments(Fragments<T>& to, const std::byte* stage, int step) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int i = 0; i < T::kWarpM / 16; ++i) {
    const int row = T::warp_row() + i * 16 + lane % 16;
    device::ldmatrix_x4(to.a[i], stage + T::LayoutA::offset(row, step * 2 + lane / 16));
  }
#pragma unroll
  for (int j = 0; j < T::kWarpN / 16; ++j) {
    const int column = T::warp_column() + j * 16;
    const std::byte* b = stage + T::kBytesA;
    uint32_t pair[4];
    if constexpr (T::kBMajor == device::Major::mn) {
      device::ldmatrix_x4_trans(pair, b + T::LayoutB::offset(step * 16 + lane % 16, column / 8 + lane / 16));
    } else {
      const int of_lane = column + lane / 16 * 8 + lane % 8;
      device::ldmatrix_x4(pair, b + T::LayoutB::offset(of_lane, step * 2 + lane / 8 % 2));
    }
    to.b[2 * j][0] = pair[0], to.b[2 * j][1] = pair[1];
    to.b[2 * j + 1][0] = pair[2], to.b[2 * j + 1][1] = pair[3];
  }
}

/// d[16 x 8] += a b along 32 bytes of k.
template <class T>
__device__ inline void multiply(typename T::Types::Sum (&d)[4], const uint32_t (&a)[4],
                                const uint32_t (&b)[2]) {
  if constexpr (T::kGeneration == Generation::turing) {
    const uint32_t a_near[2] = {a[0], a[1]}, a_far[2] = {a[2], a[3]}, b_near[1] = {b[0]}, b_far[1] = {b[1]};
    device::mma_m16n8k8_fp16(d, a_near, b_near);
    device::mma_m16n8k8_fp16(d, a_far, b_far);
  } else if constexpr (T::kPrecision == Precision::bf16) {
    device::mma_m16n8k16_bf16(d, a, b);
  } else if constexpr (T::kPrecision == Precision::fp16) {
    device::mma_m16n8k16_fp16(d, a, b);
  } else if constexpr (T::kPrecision == Precision::tf32) {
    device::mma_m16n8k8_tf32(d, a, b);
  } else {
    device::mma_m16n8k32_int8(d, a, b);
  }
}

}  // namespace breakeven::cuda
