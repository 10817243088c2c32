// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/conv_product.h"
#include "kernels/cuda/gemm/patch.h"
#include "kernels/cuda/quad.h"

// The way of the sums to the result. Its rows are not always neighbours: those of one phase of dx are `u`
// apart in both dimensions.

namespace breakeven::cuda {

/// One group's part of the result, as far as one phase goes.
template <class A>
struct ConvResult {
  typename A::Out* data;         // of this group
  const typename A::Bias* bias;  // likewise; null: none
  Axis y, x;                     // backward data; else every row follows the one before
  int height, width;             // of dx
  int64_t rows, pitch;           // elements between neighbouring rows
  int columns;

  template <Direction direction>
  __device__ int64_t offset(int64_t row) const {
    if constexpr (direction != Direction::backward_data) {
      return row * pitch;
    } else {
      const int64_t line = row / x.count, image = line / y.count;
      const int at_y = y.start + static_cast<int>(line - image * y.count) * y.spacing;
      const int at_x = x.start + static_cast<int>(row - line * x.count) * x.spacing;
      return ((image * height + at_y) * width + at_x) * pitch;
    }
  }
  /// Whether `count` neighbours of a row, on a multiple of `count`, may be written at once.
  __device__ bool aligned(int count) const { return columns % count == 0 && pitch % count == 0; }
};

template <class T, class A = typename T::Types>
__device__ inline ConvResult<A> result_of(const ConvArguments& a, const ConvPlace& at,
                                          const ConvProduct<typename A::In>& product) {
  auto* data = static_cast<typename A::Out*>(a.result);
  const auto* bias = static_cast<const typename A::Bias*>(a.bias);
  const Axis &y = product.image.y, &x = product.image.x;
  const int group = at.group, columns = product.columns;
  if constexpr (T::Operands::kDirection == Direction::backward_weights) {
    return {data + group * product.rows * columns, nullptr, y, x, 0, 0, product.rows, columns, columns};
  } else {
    const bool forward = T::Operands::kDirection == Direction::forward;
    const int64_t first = int64_t{group} * columns;
    return {data + first, bias ? bias + first : nullptr, y,      x, a.h, a.w,
            product.rows, forward ? a.k : a.c,           columns};
  }
}

/// The patch becomes rows `row`.. and columns `column`.. of the result, as store_patch does it.
template <Direction direction, class A, int columns>
__device__ inline void store_patch(const ConvResult<A>& to, const Patch<typename A::Sum, columns>& patch,
                                   int64_t row, int column) {
  using Out = typename A::Out;
  constexpr int kVector = 16 / sizeof(Out);
  struct alignas(16) Together {
    Out value[kVector];
  };
  const int lane = threadIdx.x % 32;
  const auto finished = [&](int i, int j) { return finish<A>(patch.at[i][j], to.bias, column + j); };
  if (to.aligned(kVector)) {
    constexpr int kPerRow = columns / kVector;
    const int j = lane % kPerRow * kVector;
#pragma unroll 1  // registers are short where the sums of all rows still wait
    for (int i = lane / kPerRow; i < patch.kRows; i += 32 / kPerRow) {
      if (row + i >= to.rows || column + j >= to.columns) continue;
      Together together;
#pragma unroll
      for (int e = 0; e < kVector; ++e) together.value[e] = finished(i, j + e);
      *reinterpret_cast<Together*>(to.data + to.template offset<direction>(row + i) + column + j) = together;
    }
  } else {
#pragma unroll 1
    for (int e = lane; e < patch.kRows * columns; e += 32) {
      const int i = e / columns, j = e % columns;
      if (row + i >= to.rows || column + j >= to.columns) continue;
      to.data[to.template offset<direction>(row + i) + column + j] = finished(i, j);
    }
  }
}

/// A tile of tensor cores: the warp's sums through its patch, 16 rows at a time. `shared` has room for a
/// patch for each warp and is no longer used for anything else.
template <class T>
__device__ inline void store_mma(const ConvResult<typename T::Types>& to, std::byte* shared,
                                 const typename T::Sum (&sum)[T::kSums], int64_t row, int column) {
  using WarpPatch = Patch<typename T::Sum, T::kWarpN>;
  static_assert(T::kThreads / 32 * sizeof(WarpPatch) <= T::kStages * T::kStageBytes);
  WarpPatch& patch = reinterpret_cast<WarpPatch*>(shared)[threadIdx.x / 32];
  const int lane = threadIdx.x % 32, first = lane / 4, pair = lane % 4 * 2;
#pragma unroll
  for (int i = 0; i < T::kRowBlocks; ++i) {
#pragma unroll
    for (int j = 0; j < T::kColumnBlocks; ++j) {
      const int at = (i * T::kColumnBlocks + j) * 4;
      patch.put_pair(first, j * 8 + pair, sum[at], sum[at + 1]);
      patch.put_pair(first + 8, j * 8 + pair, sum[at + 2], sum[at + 3]);
    }
    __syncwarp();  // the patch is whole
    store_patch<T::Operands::kDirection>(to, patch, row + T::warp_row() + i * 16, column + T::warp_column());
    __syncwarp();  // nobody reads it any more
  }
}

/// A tile of CUDA cores: from the registers, four columns at once where a thread has four neighbours.
template <class T>
__device__ inline void store_fma(const ConvResult<typename T::Types>& to, const float (&sum)[T::kSums],
                                 int64_t row, int column) {
  using A = typename T::Types;
  constexpr bool kFours = T::kBMajor == device::Major::mn;
  const bool aligned = kFours && to.aligned(4);
#pragma unroll
  for (int i = 0; i < T::kRowsOf; ++i) {
    if (row + T::row(i) >= to.rows) continue;
    float* const start = to.data + to.template offset<T::Operands::kDirection>(row + T::row(i));
#pragma unroll
    for (int j = 0; j < T::kColumnsOf; j += 4) {
      const float* fours = &sum[i * T::kColumnsOf + j];
      const int at = column + T::column(j);
      if (aligned) {
        if (at >= to.columns) continue;
        Quad quad;
#pragma unroll
        for (int e = 0; e < 4; ++e) quad.value[e] = finish<A>(fours[e], to.bias, at + e);
        *reinterpret_cast<Quad*>(start + at) = quad;
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const int single = column + T::column(j + e);
          if (single < to.columns) start[single] = finish<A>(fours[e], to.bias, single);
        }
      }
    }
  }
}

}  // namespace breakeven::cuda
