// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/conv2d.h"
#include "kernels/cuda/gemm/mma_tile.h"

// A convolution as a product of matrices C[m, n] = A[m, k] B[k, n], per group, and what a block of
// implicit_gemm.cu computes of it. A step of k is 128 bytes of it where an operand has k in its rows, and as
// many elements where it has not.
//
//   direction         m               n              k                A              B
//   forward           positions of y  filters        taps, channels   x, gathered    the filter
//   backward_data     positions of x  channels       taps, filters    dy, gathered   the filter, turned
//   backward_weights  filters         taps, channels positions of y   dy, turned     x, gathered

namespace breakeven::cuda {

/// How `extent` rows (columns) of an operand lie in shared memory: [extent][k] or [k][extent]. ldmatrix turns
/// 16-bit elements only; others are fetched one by one, from rows whose distance of 8 words more than a
/// multiple of 32 keeps them apart.
template <class In, device::Major major, int extent>
struct OperandLayout {
  static constexpr int kK = 128 / sizeof(In);
  using Turned = std::conditional_t<sizeof(In) == 2, Swizzled<extent * 2>, Padded<extent * 4, 32>>;
  using Type = std::conditional_t<major == device::Major::k, Swizzled<128>, Turned>;
  static constexpr int kRows = major == device::Major::k ? extent : kK;
  static constexpr int kBytes = kRows * Type::kPitch;
};

/// What every block has, whatever it multiplies with.
template <Precision P, Direction direction, int m, int n>
struct ConvOperands {
  using In = typename Arithmetic<P>::In;
  static constexpr Direction kDirection = direction;
  static constexpr device::Major kAMajor =
      direction == Direction::backward_weights ? device::Major::mn : device::Major::k;
  static constexpr device::Major kBMajor =
      direction == Direction::forward ? device::Major::k : device::Major::mn;
  using A = OperandLayout<In, kAMajor, m>;
  using B = OperandLayout<In, kBMajor, n>;
  static constexpr int kBytesA = A::kBytes, kStageBytes = A::kBytes + B::kBytes;
};

/// An element of four bytes.
template <class Layout>
__device__ inline uint32_t word_at(const std::byte* tile, int row, int column) {
  return *reinterpret_cast<const uint32_t*>(tile + Layout::offset(row, column / 4) + column % 4 * 4);
}

/// By tensor cores; see MmaTile.
template <Precision P, Generation generation, Direction direction, int m, int n, int warps_m, int warps_n,
          int stages, int blocks>
struct ConvMmaTile : MmaTile<P, generation, m, n, warps_m, warps_n, stages, blocks> {
  using Base = MmaTile<P, generation, m, n, warps_m, warps_n, stages, blocks>;
  using Operands = ConvOperands<P, direction, m, n>;
  using Sum = typename Base::Types::Sum;
  static constexpr device::Major kAMajor = Operands::kAMajor, kBMajor = Operands::kBMajor;
  using LayoutA = typename Operands::A::Type;
  using LayoutB = typename Operands::B::Type;
  static constexpr int kBytesA = Operands::kBytesA, kStageBytes = Operands::kStageBytes;
  static constexpr int kRowBlocks = Base::kWarpM / 16, kColumnBlocks = Base::kWarpN / 8;
  static constexpr int kSums = kRowBlocks * kColumnBlocks * 4;
};

/// Rows row.. of A for one instruction: from [row][k] as load_fragments does; from [k][row] with the pieces'
/// order of k and rows exchanged.
template <class T>
__device__ inline void load_a(uint32_t (&a)[4], const std::byte* tile, int row, int step) {
  using Layout = typename T::LayoutA;
  const int lane = threadIdx.x % 32;
  if constexpr (T::kAMajor == device::Major::k) {
    device::ldmatrix_x4(a, tile + Layout::offset(row + lane % 16, step * 2 + lane / 16));
  } else if constexpr (sizeof(typename T::Types::In) == 2) {
    const int k = step * 16 + lane / 16 * 8 + lane % 8;
    device::ldmatrix_x4_trans(a, tile + Layout::offset(k, row / 8 + lane / 8 % 2));
  } else {
    const int k = step * 8 + lane % 4, at = row + lane / 4;
    a[0] = word_at<Layout>(tile, k, at), a[1] = word_at<Layout>(tile, k, at + 8);
    a[2] = word_at<Layout>(tile, k + 4, at), a[3] = word_at<Layout>(tile, k + 4, at + 8);
  }
}

/// Columns column.. of B, 16 of them, for two instructions.
template <class T>
__device__ inline void load_b(uint32_t (&first)[2], uint32_t (&second)[2], const std::byte* tile, int column,
                              int step) {
  using Layout = typename T::LayoutB;
  const int lane = threadIdx.x % 32;
  if constexpr (T::kBMajor == device::Major::mn && sizeof(typename T::Types::In) != 2) {
    const int k = step * 8 + lane % 4, at = column + lane / 4;
    first[0] = word_at<Layout>(tile, k, at), first[1] = word_at<Layout>(tile, k + 4, at);
    second[0] = word_at<Layout>(tile, k, at + 8), second[1] = word_at<Layout>(tile, k + 4, at + 8);
  } else {
    uint32_t pair[4];
    if constexpr (T::kBMajor == device::Major::mn) {
      device::ldmatrix_x4_trans(pair, tile + Layout::offset(step * 16 + lane % 16, column / 8 + lane / 16));
    } else {
      const int of_lane = column + lane / 16 * 8 + lane % 8;
      device::ldmatrix_x4(pair, tile + Layout::offset(of_lane, step * 2 + lane / 8 % 2));
    }
    first[0] = pair[0], first[1] = pair[1], second[0] = pair[2], second[1] = pair[3];
  }
}

template <class T>
__device__ inline void load_operands(Fragments<T>& to, const std::byte* stage, int step) {
#pragma unroll
  for (int i = 0; i < T::kRowBlocks; ++i) load_a<T>(to.a[i], stage, T::warp_row() + i * 16, step);
#pragma unroll
  for (int j = 0; j < T::kColumnBlocks; j += 2) {
    load_b<T>(to.b[j], to.b[j + 1], stage + T::kBytesA, T::warp_column() + j * 8, step);
  }
}

}  // namespace breakeven::cuda
