// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/conv_store.h"
#include "kernels/cuda/train/activation.h"
#include "kernels/cuda/train/product.h"
#include "kernels/cuda/train/storage.h"

// The sums of a training's product to its result: as conv_store.h does it, with another end.

namespace breakeven::cuda {

/// Gradients of weights stay in fp32.
template <class T>
struct ProductTypes {
  using In = typename T::Types::In;
  using Sum = float;
  using Bias = float;
  using Out = std::conditional_t<T::Operands::kDirection == Direction::backward_weights, float, In>;
};

/// `count` neighbours of a row, from element `at` of the result and column `column` on.
template <int count, class Out>
__device__ inline void end_product(const ProductEnd& end, Out* data, int64_t at, int column,
                                   const float* sums) {
  float value[count], before[count];
#pragma unroll
  for (int i = 0; i < count; ++i) {
    before[i] = end.scale * sums[i] + (end.bias ? end.bias[column + i] : 0);
    value[i] = activate(before[i], end.activation);
    if (end.accumulate) value[i] += widen(data[at + i]);
  }
  if (end.before) store_several(static_cast<Out*>(end.before) + at, before);
  store_several(data + at, value);
}

/// A tile of tensor cores, through a patch for each warp, 16 rows at a time.
template <class T>
__device__ inline void store_product(const ConvResult<ProductTypes<T>>& to, const ProductEnd& end,
                                     std::byte* shared, const float (&sum)[T::kSums], int64_t row,
                                     int column) {
  using WarpPatch = Patch<float, T::kWarpN>;
  using Out = typename ProductTypes<T>::Out;
  constexpr int kVector = 16 / sizeof(Out), kPerRow = T::kWarpN / kVector;
  constexpr Direction kDirection = T::Operands::kDirection;
  WarpPatch& patch = reinterpret_cast<WarpPatch*>(shared)[threadIdx.x / 32];
  const int lane = threadIdx.x % 32, first = lane / 4, pair = lane % 4 * 2;
  const int first_column = column + T::warp_column();
  const bool aligned = to.aligned(kVector);
#pragma unroll
  for (int i = 0; i < T::kRowBlocks; ++i) {
#pragma unroll
    for (int j = 0; j < T::kColumnBlocks; ++j) {
      const int at = (i * T::kColumnBlocks + j) * 4;
      patch.put_pair(first, j * 8 + pair, sum[at], sum[at + 1]);
      patch.put_pair(first + 8, j * 8 + pair, sum[at + 2], sum[at + 3]);
    }
    __syncwarp();  // the patch is whole
    const int64_t first_row = row + T::warp_row() + i * 16;
    if (aligned) {
      const int j = lane % kPerRow * kVector;
#pragma unroll 1
      for (int k = lane / kPerRow; k < patch.kRows; k += 32 / kPerRow) {
        if (first_row + k >= to.rows || first_column + j >= to.columns) continue;
        const int64_t at = to.template offset<kDirection>(first_row + k) + first_column + j;
        end_product<kVector>(end, to.data, at, first_column + j, &patch.at[k][j]);
      }
    } else {
#pragma unroll 1
      for (int e = lane; e < patch.kRows * T::kWarpN; e += 32) {
        const int k = e / T::kWarpN, j = e % T::kWarpN;
        if (first_row + k >= to.rows || first_column + j >= to.columns) continue;
        const int64_t at = to.template offset<kDirection>(first_row + k) + first_column + j;
        end_product<1>(end, to.data, at, first_column + j, &patch.at[k][j]);
      }
    }
    __syncwarp();  // nobody reads it any more
  }
}

/// A tile of CUDA cores: from the registers, four columns at once where a thread has four neighbours.
template <class T>
__device__ inline void store_product_fma(const ConvResult<ProductTypes<T>>& to, const ProductEnd& end,
                                         const float (&sum)[T::kSums], int64_t row, int column) {
  const bool aligned = T::kBMajor == device::Major::mn && to.aligned(4);
#pragma unroll
  for (int i = 0; i < T::kRowsOf; ++i) {
    if (row + T::row(i) >= to.rows) continue;
    const int64_t start = to.template offset<T::Operands::kDirection>(row + T::row(i));
#pragma unroll
    for (int j = 0; j < T::kColumnsOf; j += 4) {
      const float* fours = &sum[i * T::kColumnsOf + j];
      const int at = column + T::column(j);
      if (aligned) {
        if (at < to.columns) end_product<4>(end, to.data, start + at, at, fours);
        continue;
      }
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int single = column + T::column(j + e);
        if (single < to.columns) end_product<1>(end, to.data, start + single, single, fours + e);
      }
    }
  }
}

}  // namespace breakeven::cuda
