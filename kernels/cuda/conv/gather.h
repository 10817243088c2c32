// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "kernels/cuda/conv/axis.h"
#include "kernels/cuda/gemm/tile_copy.h"

// Tiles of a matrix that exists nowhere: its rows are positions of an image, its columns taps and channels.
// What a row of it begins with is worked out once, by one thread, and kept in shared memory; what a column
// adds to that is the same for all rows. Whatever lies outside the image becomes zero.

namespace breakeven::cuda {

/// Where one row begins: tap 0, channel 0. Its place in the image may lie outside, `offset` with it.
struct alignas(16) GatheredRow {
  int64_t offset;  // elements
  int y, x;
};
inline constexpr int kNowhere = -(1 << 30);  // y of a row that does not exist

/// An image [n, y.extent, x.extent, pitch] of which `channels` belong to this group, from `data` on.
template <class T>
struct Gathered {
  const T* data;
  Axis y, x;
  int images, pitch, channels;

  /// Row `index` of all: positions of the output, x fastest.
  __device__ GatheredRow row(int64_t index) const {
    const int64_t line = index / x.count, image = line / y.count;
    if (image >= images) return {0, kNowhere, 0};
    const int at_y = static_cast<int>(line - image * y.count) * y.scale + y.first;
    const int at_x = static_cast<int>(index - line * x.count) * x.scale + x.first;
    return {((image * y.extent + at_y) * x.extent + at_x) * pitch, at_y, at_x};
  }
};

/// What column `index` of the matrix adds to every row.
struct GatheredColumn {
  int64_t offset;
  int y, x;
};
template <class T>
__device__ inline GatheredColumn gathered_column(const Gathered<T>& from, int index) {
  const int tap = index / from.channels, tap_y = tap / from.x.taps;
  const int y = tap_y * from.y.step, x = (tap - tap_y * from.x.taps) * from.x.step;
  return {(int64_t{y} * from.x.extent + x) * from.pitch + (index - tap * from.channels), y, x};
}

template <class T>
__device__ inline bool inside(const Gathered<T>& from, const GatheredRow& row, const GatheredColumn& column) {
  return static_cast<unsigned>(row.y + column.y) < static_cast<unsigned>(from.y.extent) &&
         static_cast<unsigned>(row.x + column.x) < static_cast<unsigned>(from.x.extent);
}

template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 1, uint8_t, std::conditional_t<sizeof(T) == 2, uint16_t, uint32_t>>;

/// One element, or zero; by cp.async where that knows such a size.
template <class T>
__device__ inline void copy_element(std::byte* to, const T* from, bool valid) {
  if constexpr (sizeof(T) == 4) {
    device::cp_async_4(to, from, valid ? 4 : 0);
  } else {
    *reinterpret_cast<BitsOf<T>*>(to) = valid ? *reinterpret_cast<const BitsOf<T>*>(from) : BitsOf<T>{0};
  }
}

/// The tile of `rows` rows, described by `table`, and of the columns from `column` on, those below `end`.
/// Threads as in copy_tile. With Alignment::chunk a chunk of columns belongs to one tap.
template <class Layout, int rows, int threads, Alignment alignment, class T>
__device__ inline void gather_tile(std::byte* to, const Gathered<T>& from, const GatheredRow* table,
                                   int column, int end) {
  constexpr int kElements = 16 / sizeof(T), kPerRow = Layout::kRowBytes / 16, kRowsAtOnce = threads / kPerRow;
  static_assert(threads % kPerRow == 0 && rows % kRowsAtOnce == 0);
  constexpr int kTogether = alignment == Alignment::chunk ? kElements : 1;
  const int chunk = threadIdx.x % kPerRow, first = threadIdx.x / kPerRow;
#pragma unroll 1
  for (int e = 0; e < kElements; e += kTogether) {
    const int index = column + chunk * kElements + e;
    const GatheredColumn at = gathered_column(from, index < end ? index : 0);
#pragma unroll 4
    for (int i = 0; i < rows; i += kRowsAtOnce) {
      const GatheredRow row = table[first + i];
      const bool valid = index < end && inside(from, row, at);
      std::byte* const place = to + Layout::offset(first + i, chunk);
      const T* const source = from.data + (row.offset + at.offset);
      if constexpr (alignment == Alignment::chunk) {
        device::cp_async_16(place, source, valid ? 16 : 0);
      } else {
        copy_element(place + e * sizeof(T), source, valid);
      }
    }
  }
}

/// The tile that begins at `corner` of an ordinary matrix whose rows are `pitch` elements apart: of it,
/// `rows_left` rows and `columns_left` columns lie inside.
template <class Layout, int rows, int threads, Alignment alignment, class T>
__device__ inline void copy_corner(std::byte* to, const T* corner, int64_t pitch, int rows_left,
                                   int columns_left) {
  constexpr int kElements = 16 / sizeof(T), kPerRow = Layout::kRowBytes / 16, kRowsAtOnce = threads / kPerRow;
  static_assert(threads % kPerRow == 0 && rows % kRowsAtOnce == 0);
  const int chunk = threadIdx.x % kPerRow, first = threadIdx.x / kPerRow;
  const T* source = corner + first * pitch + chunk * kElements;
  [[maybe_unused]] constexpr int kUnroll = alignment == Alignment::element ? 1 : 8;
#pragma unroll kUnroll
  for (int i = 0; i < rows; i += kRowsAtOnce) {
    const int left = first + i < rows_left ? columns_left - chunk * kElements : 0;
    copy_chunk_async<alignment>(to + Layout::offset(first + i, chunk), source, left);
    source += kRowsAtOnce * pitch;
  }
}

/// A filter [filters, y taps, x taps, channels] as the matrix that backward data multiplies with: row
/// `index` of it is one tap of one filter, filters fastest; its columns are the channels.
template <class T>
struct TurnedFilter {
  const T* data;  // of this group
  Axis y, x;
  int all_y, all_x;  // taps of the filter itself
  int filters, channels;
};

/// Its tile from row `row` and column `column` on; rows below `end`.
template <class Layout, int rows, int threads, Alignment alignment, class T>
__device__ inline void copy_turned(std::byte* to, const TurnedFilter<T>& from, int row, int end, int column) {
  constexpr int kElements = 16 / sizeof(T), kPerRow = Layout::kRowBytes / 16, kRowsAtOnce = threads / kPerRow;
  static_assert(threads % kPerRow == 0 && rows % kRowsAtOnce == 0);
  const int chunk = threadIdx.x % kPerRow, first = threadIdx.x / kPerRow;
  const int available = from.channels - column - chunk * kElements;
  int tap = (row + first) / from.filters, filter = (row + first) - tap * from.filters;
  int tap_y = tap / from.x.taps, tap_x = tap - tap_y * from.x.taps;
#pragma unroll 1
  for (int i = 0; i < rows; i += kRowsAtOnce) {
    const int y = from.y.first_tap + tap_y * from.y.tap_step, x = from.x.first_tap + tap_x * from.x.tap_step;
    const int64_t at = ((int64_t{filter} * from.all_y + y) * from.all_x + x) * from.channels;
    copy_chunk_async<alignment>(to + Layout::offset(first + i, chunk),
                                from.data + (at + column + chunk * kElements),
                                row + first + i < end ? available : 0);
    for (filter += kRowsAtOnce; filter >= from.filters; filter -= from.filters) {
      if (++tap_x < from.x.taps) continue;
      tap_x = 0;
      ++tap_y;
    }
  }
}

}  // namespace breakeven::cuda
