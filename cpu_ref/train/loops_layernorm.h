// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Layer normalization. Rows are short, and adding up a vector's lanes takes as long as a row's arithmetic: so
// several rows go side by side.

namespace breakeven::cpu {
namespace {

constexpr float kLayerNormEps = 1e-5f;  // harness/train/program.h
constexpr int kSideBySide = 4;

/// each<rows>(first row) for rows first .. last - 1.
template <class Each>
void side_by_side(int64_t first, int64_t last, Each each) {
  int64_t row = first;
  for (; row + kSideBySide <= last; row += kSideBySide) each.template operator()<kSideBySide>(row);
  for (; row < last; ++row) each.template operator()<1>(row);
}

/// means[k] = mean of value(k, i, lanes), which is 0 behind a part.
template <int kRows, class Value>
void row_means(int64_t columns, float* means, Value value) {
  Floats sums[kRows] = {};
  for_vectors(columns, [&](int64_t i, auto lanes) {
    for (int k = 0; k < kRows; ++k) sums[k] += value(k, i, lanes);
  });
  for (int k = 0; k < kRows; ++k) means[k] = sum_of(sums[k]) / static_cast<float>(columns);
}

/// Two passes over rows in the first-level cache: the squares are of what differs from the mean, so that a
/// large mean costs no digits.
template <class F, int kRows>
void layernorm_rows(const LayerNorm& n, int64_t row) {
  const int64_t columns = n.columns;
  const auto* x = elements<F>(n.x) + row * columns;
  auto* y = elements<F>(n.y) + row * columns;
  float *mean = n.mean + row, variance[kRows], *rstd = n.rstd + row;
  row_means<kRows>(columns, mean,
                   [=](int k, int64_t i, auto lanes) { return get<F>(x + k * columns + i, lanes); });
  row_means<kRows>(columns, variance, [=](int k, int64_t i, auto lanes) {
    const Floats off = only(get<F>(x + k * columns + i, lanes) - mean[k], lanes);
    return off * off;
  });
  Floats scale[kRows], shift[kRows];
  for (int k = 0; k < kRows; ++k) {
    rstd[k] = 1.0f / __builtin_sqrtf(variance[k] + kLayerNormEps);
    scale[k] = all(rstd[k]);
    shift[k] = all(-mean[k] * rstd[k]);
  }
  for_vectors(columns, [&](int64_t i, auto lanes) {
    const Floats gamma = get<Fp32Format>(n.gamma + i, lanes), beta = get<Fp32Format>(n.beta + i, lanes);
    for (int k = 0; k < kRows; ++k) {
      const Floats xhat = get<F>(x + k * columns + i, lanes) * scale[k] + shift[k];
      put<F>(xhat * gamma + beta, y + k * columns + i, lanes);
    }
  });
}

template <class F>
void layernorm(const LayerNorm& n) {
  constexpr int64_t kRowsEach = 4 * kSideBySide;
  in_pieces(n.rows, kRowsEach, n.rows * n.columns, [&](int64_t first, int64_t last) {
    side_by_side(first, last, [&]<int kRows>(int64_t row) { layernorm_rows<F, kRows>(n, row); });
  });
}

/// dx = rstd (g - mean(g) - x^ mean(g x^)), g = dy gamma, as scale g + (slope x^ + level).
template <class F, int kRows>
void layernorm_bwd_rows(const LayerNormBackward& n, int64_t row, float* dgamma, float* dbeta) {
  const int64_t columns = n.columns;
  const auto *x = elements<F>(n.x) + row * columns, *dy = elements<F>(n.dy) + row * columns;
  auto* dx = elements<F>(n.dx) + row * columns;
  Floats rstd[kRows], shift[kRows], sum_g[kRows] = {}, sum_gx[kRows] = {};
  for (int k = 0; k < kRows; ++k) {
    rstd[k] = all(n.rstd[row + k]);
    shift[k] = all(-n.mean[row + k] * n.rstd[row + k]);
  }
  for_vectors(columns, [&](int64_t i, auto lanes) {
    const Floats gamma = get<Fp32Format>(n.gamma + i, lanes);
    Floats to_gamma = get<Fp32Format>(dgamma + i, lanes), to_beta = get<Fp32Format>(dbeta + i, lanes);
    for (int k = 0; k < kRows; ++k) {
      const Floats d = get<F>(dy + k * columns + i, lanes), g = d * gamma;
      const Floats xhat = get<F>(x + k * columns + i, lanes) * rstd[k] + shift[k];
      to_beta += d;
      to_gamma += d * xhat;
      sum_g[k] += g;
      sum_gx[k] += g * xhat;
    }
    put<Fp32Format>(to_gamma, dgamma + i, lanes);
    put<Fp32Format>(to_beta, dbeta + i, lanes);
  });
  const float over = 1.0f / static_cast<float>(columns);
  Floats slope[kRows], level[kRows];
  for (int k = 0; k < kRows; ++k) {
    slope[k] = -rstd[k] * (sum_of(sum_gx[k]) * over);
    level[k] = -rstd[k] * (sum_of(sum_g[k]) * over);
  }
  for_vectors(columns, [&](int64_t i, auto lanes) {
    const Floats gamma = get<Fp32Format>(n.gamma + i, lanes);
    for (int k = 0; k < kRows; ++k) {
      const Floats xhat = get<F>(x + k * columns + i, lanes) * rstd[k] + shift[k];
      const Floats g = get<F>(dy + k * columns + i, lanes) * gamma;
      put<F>(g * rstd[k] + (xhat * slope[k] + level[k]), dx + k * columns + i, lanes);
    }
  });
}

template <class F>
void layernorm_bwd(const LayerNormBackward& n) {
  const int64_t columns = n.columns;
  const Blocks blocks(n.rows, columns, kSideBySide);
  float* parts = n.room->floats(blocks.count * 2 * columns);
  in_parallel(blocks.count, n.rows * columns, [&](int64_t b) {
    float *dgamma = parts + b * columns, *dbeta = parts + (blocks.count + b) * columns;
    for (int64_t i = 0; i < columns; ++i) dgamma[i] = dbeta[i] = 0;
    side_by_side(blocks.first(b), blocks.last(b),
                 [&]<int kRows>(int64_t row) { layernorm_bwd_rows<F, kRows>(n, row, dgamma, dbeta); });
  });
  add_blocks(parts, blocks.count, columns, 1, false, n.dgamma);
  add_blocks(parts + blocks.count * columns, blocks.count, columns, 1, false, n.dbeta);
}

}  // namespace
}  // namespace breakeven::cpu
