// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace breakeven::cpu {

/// sums[n] += factors[depth] times the matrix of `depth` rows, `stride` apart. Four rows at a time: each sum
/// is loaded and stored once for eight operations on it.
inline void add_product(double* sums, int64_t n, const double* factors, int64_t depth, const double* rows,
                        int64_t stride) {
  int64_t i = 0;
  for (; i + 4 <= depth; i += 4) {
    const double *b0 = rows + i * stride, *b1 = b0 + stride, *b2 = b1 + stride, *b3 = b2 + stride;
    const double a0 = factors[i], a1 = factors[i + 1], a2 = factors[i + 2], a3 = factors[i + 3];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) sums[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j]);
  }
  for (; i < depth; ++i) {
    const double* b = rows + i * stride;
    const double a = factors[i];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) sums[j] += a * b[j];
  }
}

/// c[rows, n] = a[rows, depth] b[depth, n].
inline void multiply(int64_t rows, int64_t depth, int64_t n, const double* a, const double* b, double* c) {
  constexpr int64_t kRows = 16, kDepth = 128;  // so much of b stays in the cache for so many rows
#pragma omp parallel for schedule(static)
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t end = std::min(first + kRows, rows);
    std::fill(c + first * n, c + end * n, 0.0);
    for (int64_t d = 0; d < depth; d += kDepth) {
      for (int64_t r = first; r < end; ++r)
        add_product(c + r * n, n, a + r * depth + d, std::min(kDepth, depth - d), b + d * n, n);
    }
  }
}

/// Of a matrix [rows, columns]; times `factor`.
inline std::vector<double> transposed(const double* a, int64_t rows, int64_t columns, double factor = 1) {
  constexpr int64_t kTile = 32;
  std::vector<double> made(static_cast<size_t>(rows * columns));
#pragma omp parallel for schedule(static)
  for (int64_t c0 = 0; c0 < columns; c0 += kTile) {
    for (int64_t r0 = 0; r0 < rows; r0 += kTile) {
      for (int64_t c = c0; c < std::min(c0 + kTile, columns); ++c) {
        for (int64_t r = r0; r < std::min(r0 + kTile, rows); ++r)
          made[static_cast<size_t>(c * rows + r)] = factor * a[r * columns + c];
      }
    }
  }
  return made;
}

/// Sums over rows of what `add_row(row, sums)` adds to sums[width]. In parts that do not depend on the number
/// of threads, so that neither do the last bits.
template <class AddRow>
std::vector<double> sum_over_rows(int64_t rows, int64_t width, const AddRow& add_row) {
  constexpr int64_t kParts = 32;
  std::vector<double> parts(static_cast<size_t>(kParts * width), 0.0);
#pragma omp parallel for schedule(static)
  for (int64_t part = 0; part < kParts; ++part) {
    double* sums = parts.data() + part * width;
    for (int64_t r = rows * part / kParts; r < rows * (part + 1) / kParts; ++r) add_row(r, sums);
  }
  std::vector<double> total(parts.begin(), parts.begin() + width);
  for (int64_t i = width; i < kParts * width; ++i)
    total[static_cast<size_t>(i % width)] += parts[static_cast<size_t>(i)];
  return total;
}

}  // namespace breakeven::cpu
