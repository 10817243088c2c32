// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/device/language.h"

namespace breakeven::cuda {

/// A row-major matrix in device memory, its rows without gaps. Its sides are at most 2^24, the distance
/// between two elements needs 64 bits.
template <class T>
struct Matrix {
  T* data;
  int rows, columns;
};

/// Matrix `index` of [batch, rows, columns].
template <class T, class Pointer>
__device__ inline Matrix<T> matrix_at(Pointer batch, int64_t index, int64_t rows, int64_t columns) {
  return {static_cast<T*>(batch) + index * rows * columns, static_cast<int>(rows), static_cast<int>(columns)};
}

}  // namespace breakeven::cuda
