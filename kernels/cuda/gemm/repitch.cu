// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// A dense matrix whose rows are not multiples of 16 bytes is copied to one whose rows are. A warp walks along
// a row; a lane reads single elements, since nothing is aligned, and writes 16 bytes at once. Its reads are
// 16 bytes apart from its neighbour's; the first-level cache makes up for that.

#include <stdexcept>

#include "kernels/cuda/gemm/repitch.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kLanes = 32, kRows = 8;   // of a block
constexpr int64_t kMostBlocks = 65536;  // beyond that a block takes several groups of rows

template <class Word>
struct alignas(16) Chunk {
  Word word[16 / sizeof(Word)];
};

template <class Word>
__global__ void __launch_bounds__(kLanes* kRows)
    copy_rows(Chunk<Word>* __restrict__ to, int chunks, const Word* __restrict__ from, int64_t rows,
              int columns) {
  constexpr int kWords = 16 / sizeof(Word);
  const int64_t stride = int64_t{gridDim.x} * kRows;
  for (int64_t row = int64_t{blockIdx.x} * kRows + threadIdx.y; row < rows; row += stride) {
    const Word* source = from + row * columns;
    for (int chunk = static_cast<int>(threadIdx.x); chunk < chunks; chunk += kLanes) {
      Chunk<Word> copied;
#pragma unroll
      for (int i = 0; i < kWords; ++i) {
        const int column = chunk * kWords + i;
        copied.word[i] = column < columns ? source[column] : Word(0);
      }
      to[row * chunks + chunk] = copied;
    }
  }
}

template <class Word>
void launch(void* to, int64_t pitch, const void* from, int64_t rows, int64_t columns, cudaStream_t stream) {
  const int64_t blocks = (rows + kRows - 1) / kRows;
  device::launch("repitch", copy_rows<Word>,
                 {.grid = dim3(static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks)),
                  .block = dim3(kLanes, kRows)},
                 stream, static_cast<Chunk<Word>*>(to), static_cast<int>(pitch / 16),
                 static_cast<const Word*>(from), rows, static_cast<int>(columns));
}

}  // namespace

void repitch(void* to, int64_t pitch, const void* from, int64_t rows, int64_t columns, int64_t element_bytes,
             cudaStream_t stream) {
  switch (element_bytes) {
    case 1:
      return launch<uint8_t>(to, pitch, from, rows, columns, stream);
    case 2:
      return launch<uint16_t>(to, pitch, from, rows, columns, stream);
    case 4:
      return launch<uint32_t>(to, pitch, from, rows, columns, stream);
    default:
      throw std::logic_error("only elements of 1, 2 or 4 bytes can be brought to another pitch");
  }
}

}  // namespace breakeven::cuda
