// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/cuda/memory/row.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/device/launch.h"

// Sums over the rows of [rows, columns], for statistics of batches and gradients of biases: blocks leave
// parts, and a second kernel adds these up, in an order that the sizes alone decide. Whoever sums says what:
//   F::add(row, column, sum)     adds to sum[s][v] what row and column + v bring; `count` neighbours at once
//   Finish::operator()(column, sum)   takes the totals of a column

namespace breakeven::cuda {

inline constexpr int kColumnThreads = 256, kMostColumnParts = 256;

/// Threads of a block side by side (a power of two), each with `each` columns; the others of the block take
/// other rows, so that few columns still mean whole lines of memory.
struct ColumnShape {
  int each, across, tiles, parts;
  int64_t rows_per_part;
};

inline ColumnShape column_shape(int64_t rows, int64_t columns) {
  ColumnShape shape{columns % 4 == 0 ? 4 : 1, 1, 1, 1, 0};
  while (shape.across < 32 && shape.across * shape.each < columns) shape.across *= 2;
  const int64_t width = int64_t{shape.across} * shape.each, down = kColumnThreads / shape.across;
  shape.tiles = static_cast<int>((columns + width - 1) / width);
  shape.rows_per_part = std::max(4 * down, (rows + kMostColumnParts - 1) / kMostColumnParts);
  shape.parts = static_cast<int>((rows + shape.rows_per_part - 1) / shape.rows_per_part);
  return shape;
}

/// Floats of scratch that `sums` sums of every column take.
inline int64_t column_scratch(int64_t rows, int64_t columns, int sums) {
  return column_shape(rows, columns).parts * columns * sums;
}

template <int sums, int each, class F>
__global__ void __launch_bounds__(kColumnThreads)
    column_parts(F f, int64_t rows, int columns, ColumnShape shape, float* __restrict__ partial) {
  auto& shared = device::static_shared<float[kColumnThreads * each]>();
  const int across = threadIdx.x % shape.across, down = threadIdx.x / shape.across;
  const int height = kColumnThreads / shape.across, width = shape.across * each;
  const int64_t part = blockIdx.x / shape.tiles;
  const int first = static_cast<int>(blockIdx.x % shape.tiles) * width, column = first + across * each;
  const int64_t end = min((part + 1) * shape.rows_per_part, rows);
  float sum[sums][each] = {};
  if (column < columns) {
    for (int64_t row = part * shape.rows_per_part + down; row < end; row += height) f.add(row, column, sum);
  }
#pragma unroll
  for (int s = 0; s < sums; ++s) {
    __syncthreads();  // nobody reads the sums before any more
#pragma unroll
    for (int v = 0; v < each; ++v) shared[down * width + across * each + v] = sum[s][v];
    __syncthreads();
    for (int i = threadIdx.x; i < width; i += kColumnThreads) {
      if (first + i >= columns) continue;
      float total = 0;
      for (int j = 0; j < height; ++j) total += shared[j * width + i];
      partial[(part * sums + s) * columns + first + i] = total;
    }
  }
}

template <int sums, class Finish>
__global__ void __launch_bounds__(kColumnThreads)
    column_totals(Finish finish, int columns, int parts, const float* __restrict__ partial) {
  const int64_t column = int64_t{blockIdx.x} * (kColumnThreads / 32) + threadIdx.x / 32;
  if (column >= columns) return;
  float sum[sums] = {};
  for (int part = threadIdx.x % 32; part < parts; part += 32) {
#pragma unroll
    for (int s = 0; s < sums; ++s) sum[s] += partial[(int64_t{part} * sums + s) * columns + column];
  }
#pragma unroll
  for (int s = 0; s < sums; ++s) sum[s] = over_warp<Sum>(sum[s]);
  if (threadIdx.x % 32 == 0) finish(static_cast<int>(column), sum);
}

/// `scratch`: column_scratch floats.
template <int sums, class F, class Finish>
void launch_columns(const char* name, const F& f, const Finish& finish, int64_t rows, int64_t columns,
                    float* scratch, cudaStream_t stream) {
  const ColumnShape shape = column_shape(rows, columns);
  const auto entry = shape.each == 4 ? column_parts<sums, 4, F> : column_parts<sums, 1, F>;
  device::launch(name, entry,
                 {.grid = block_count(int64_t{shape.parts} * shape.tiles), .block = kColumnThreads}, stream,
                 f, rows, static_cast<int>(columns), shape, scratch);
  const int64_t per_block = kColumnThreads / 32;
  device::launch(name, column_totals<sums, Finish>,
                 {.grid = block_count((columns + per_block - 1) / per_block), .block = kColumnThreads},
                 stream, finish, static_cast<int>(columns), shape.parts, scratch);
}

/// Totals into two arrays.
struct StoreColumns {
  float *first, *second;
  __device__ void operator()(int column, const float (&sum)[2]) const {
    first[column] = sum[0];
    second[column] = sum[1];
  }
};

}  // namespace breakeven::cuda
