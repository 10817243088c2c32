// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>

#include "kernels/cuda/gemm/matrix.h"
#include "kernels/device/cp_async.h"

// Tiles on their way from device to shared memory, in chunks of 16 bytes. What lies beyond the matrix becomes
// zero, which adds nothing to a product.

namespace breakeven::cuda {

/// What every row of a matrix is aligned to: its element, 4 bytes, 16 bytes. A template parameter of the
/// kernels, because a test inside the loop would cost everybody. Rows without gaps are as long as they are
/// aligned, so that 4 or 16 bytes lie inside the row or outside, never across its end.
enum class Alignment : uint8_t { element, word, chunk };

inline Alignment row_alignment(const void* matrix, int64_t row_bytes) {
  const uint64_t bits = reinterpret_cast<uintptr_t>(matrix) | static_cast<uint64_t>(row_bytes);
  return bits % 16 == 0 ? Alignment::chunk : bits % 4 == 0 ? Alignment::word : Alignment::element;
}

/// Through registers, waiting for the data; or by cp.async (compute capability 8.0), which does not.
enum class Transfer : uint8_t { direct, async };

struct alignas(16) Chunk {
  uint32_t word[4];
};

/// The chunk of elements from `from` on, zero for those at or beyond `available` (which may be negative).
template <Alignment alignment, class T>
__device__ inline Chunk load_chunk(const T* from, int available) {
  Chunk chunk = {};
  if constexpr (alignment == Alignment::chunk) {
    if (available > 0) chunk = *reinterpret_cast<const Chunk*>(from);
  } else if constexpr (alignment == Alignment::word || sizeof(T) == 4) {
    constexpr int kPerWord = 4 / sizeof(T);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (i * kPerWord < available) chunk.word[i] = reinterpret_cast<const uint32_t*>(from)[i];
    }
  } else {
    using Bits = std::conditional_t<sizeof(T) == 1, uint8_t, uint16_t>;
    constexpr int kPerWord = 4 / sizeof(T);
#pragma unroll
    for (int i = 0; i < 4 * kPerWord; ++i) {
      if (i >= available) continue;
      const uint32_t bits = reinterpret_cast<const Bits*>(from)[i];
      chunk.word[i / kPerWord] |= bits << i % kPerWord * 8 * sizeof(T);
    }
  }
  return chunk;
}

template <Alignment alignment, class T>
__device__ inline void copy_chunk_async(std::byte* to, const T* from, int available) {
  if constexpr (alignment == Alignment::chunk) {
    device::cp_async_16(to, from, available > 0 ? 16 : 0);
  } else if constexpr (alignment == Alignment::word || sizeof(T) == 4) {
    constexpr int kPerWord = 4 / sizeof(T);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      device::cp_async_4(to + 4 * i, from + kPerWord * i, i * kPerWord < available ? 4 : 0);
    }
  } else {
    *reinterpret_cast<Chunk*>(to) =
        load_chunk<alignment>(from, available);  // cp.async knows 4 bytes and more
  }
}

/// The block of `threads` threads copies the tile of `rows` rows that begins at (row, column) of `from`.
/// Neighbouring threads take neighbouring chunks, first along a row: both sides coalesced, no bank conflicts.
/// Trap: the tile is there for others only after their barrier (and with Transfer::async, the copier's wait).
template <class Layout, int rows, int threads, Transfer transfer, Alignment alignment, class T>
__device__ inline void copy_tile(std::byte* to, const Matrix<const T>& from, int row, int column) {
  constexpr int kElements = 16 / sizeof(T), kPerRow = Layout::kRowBytes / 16, kRowsAtOnce = threads / kPerRow;
  static_assert(threads % kPerRow == 0 && rows % kRowsAtOnce == 0);
  const int chunk = threadIdx.x % kPerRow, first = threadIdx.x / kPerRow;
  const int available = from.columns - column - chunk * kElements;
  const T* source = from.data + int64_t{row + first} * from.columns + column + chunk * kElements;
  // So much at once as registers hold: of whole chunks by cp.async, which needs none, all.
  [[maybe_unused]] constexpr int kUnroll = alignment == Alignment::element ? 1
                                           : alignment == Alignment::word || transfer == Transfer::direct
                                               ? 4
                                               : rows / kRowsAtOnce;
#pragma unroll kUnroll
  for (int i = 0; i < rows; i += kRowsAtOnce) {
    const int left = row + first + i < from.rows ? available : 0;
    std::byte* place = to + Layout::offset(first + i, chunk);
    if constexpr (transfer == Transfer::async) {
      copy_chunk_async<alignment>(place, source, left);
    } else {
      *reinterpret_cast<Chunk*>(place) = load_chunk<alignment>(source, left);
    }
    source += int64_t{kRowsAtOnce} * from.columns;
  }
}

}  // namespace breakeven::cuda
