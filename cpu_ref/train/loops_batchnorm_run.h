// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_batchnorm_pool.h"

// Batch normalization as a whole: its passes, with the 2x2 pooling behind it or without.

namespace breakeven::cpu {
namespace {

template <class F>
void normalise(const BatchNorm& n, const Wide& wide, const float* scale) {
  if (n.pooled) {
    const int64_t lines = n.rows / n.width / 2;
    backwards(lines, [&](int64_t line) {
      n.relu ? normalise_windows<F, true>(n, scale, scale + wide.columns, line)
             : normalise_windows<F, false>(n, scale, scale + wide.columns, line);
    });
    return;
  }
  backwards(wide.blocks.count, [&](int64_t block) {
    n.relu ? normalise_block<F, true>(n, wide, scale, block)
           : normalise_block<F, false>(n, wide, scale, block);
  });
}

inline void spread(const Wide& wide, int64_t channel, Affine a, float* scale) {
  wide.spread(channel, a.scale, scale);
  wide.spread(channel, a.shift, scale + wide.columns);
}

template <class F>
void batchnorm(const BatchNorm& n) {
  const Wide wide(n.rows, n.channels);
  float* scale = n.room->floats((2 + wide.blocks.count * kStatisticsRows) * wide.columns);
  float* parts = scale + 2 * wide.columns;
#pragma omp parallel if (n.rows * n.channels >= kWorthTeam)
  {
    forwards(wide.blocks.count, [&](int64_t b) {
      sum_statistics<F>(wide, elements<F>(n.x), b, parts + b * kStatisticsRows * wide.columns);
    });
#pragma omp barrier
    forwards(n.channels, [&](int64_t c) { spread(wide, c, finish_statistics(n, wide, parts, c), scale); });
#pragma omp barrier
    normalise<F>(n, wide, scale);
  }
}

template <class F>
void batchnorm_inference(const BatchNorm& n) {
  const Wide wide(n.rows, n.channels);
  float* scale = n.room->floats(2 * wide.columns);
  for (int64_t c = 0; c < n.channels; ++c) {
    const float rstd = 1.0f / __builtin_sqrtf(n.running_variance[c] + kBatchNormEps);
    spread(wide, c, affine(n.running_mean[c], rstd, n.gamma[c], n.beta[c]), scale);
  }
#pragma omp parallel if (n.rows * n.channels >= kWorthTeam)
  normalise<F>(n, wide, scale);
}

template <class F, bool kRelu>
void sum_backward(const BatchNormBackward& n, const Wide& wide, const float* factors, int64_t block,
                  float* part) {
  const auto *x = elements<F>(n.x), *dy = elements<F>(n.dy);
  const float *scale = factors + kScale * wide.columns, *shift = factors + kShift * wide.columns,
              *mean = factors + kMean * wide.columns;
  sum_block(wide, block, part, [=](int64_t at, int64_t i, auto lanes, Floats& sum, Floats& products) {
    const Floats here = get<F>(x + at, lanes);
    const Floats g = passed<F, kRelu>(here, get<F>(dy + at, lanes), get<Fp32Format>(scale + i, lanes),
                                      get<Fp32Format>(shift + i, lanes));
    sum += g;
    products += g * (here - get<Fp32Format>(mean + i, lanes));
  });
}

template <class F, bool kRelu>
void write_backward(const BatchNormBackward& n, const Wide& wide, const float* factors, int64_t block) {
  const auto *x = elements<F>(n.x), *dy = elements<F>(n.dy);
  auto* dx = elements<F>(n.dx);
  const int64_t wide_columns = wide.columns;
  over_block(wide, block, [=](int64_t at, int64_t i, auto lanes) {
    const auto factor = [=](FactorRow row) {
      return get<Fp32Format>(factors + row * wide_columns + i, lanes);
    };
    const Floats here = get<F>(x + at, lanes);
    const Floats g = passed<F, kRelu>(here, get<F>(dy + at, lanes), factor(kScale), factor(kShift));
    put<F>(factor(kOfG) * g + (factor(kOfX) * here + factor(kLevel)), dx + at, lanes);
  });
}

/// How the two passes of a gradient are cut: blocks of rows, or of lines of windows.
template <class F, bool kRelu>
void batchnorm_bwd_as(const BatchNormBackward& n) {
  const Wide wide(n.rows, n.channels);
  const Blocks lines = window_lines(n);
  const bool pools = n.dpooled != nullptr;
  const int64_t blocks = pools ? lines.count : wide.blocks.count, columns = wide.columns;
  float* factors = n.room->floats((kFactorRows + 2 * blocks) * columns);
  float* parts = factors + kFactorRows * columns;
  for (int64_t c = 0; c < n.channels; ++c) {
    spread(wide, c, affine(n.mean[c], n.rstd[c], n.gamma[c], n.beta[c]), factors + kScale * columns);
    wide.spread(c, n.mean[c], factors + kMean * columns);
  }
#pragma omp parallel if (n.rows * n.channels >= kWorthTeam)
  {
    forwards(blocks, [&](int64_t b) {
      pools ? sum_window_block<F, kRelu>(n, lines, factors, columns, b, parts + 2 * b * columns)
            : sum_backward<F, kRelu>(n, wide, factors, b, parts + 2 * b * columns);
    });
#pragma omp barrier
    forwards(n.channels, [&](int64_t c) {
      float sum_g = 0, sum_gx = 0, three[3];
      for (int64_t b = 0; b < blocks; ++b) {
        sum_g += parts[2 * b * columns + c];
        sum_gx += parts[(2 * b + 1) * columns + c];
      }
      backward_factors(n, static_cast<double>(n.rows), c, sum_g, sum_gx, three);
      for (int k = 0; k < 3; ++k) wide.spread(c, three[k], factors + (kOfG + k) * columns);
    });
#pragma omp barrier
    backwards(blocks, [&](int64_t b) {
      pools ? write_window_block<F, kRelu>(n, lines, factors, columns, b)
            : write_backward<F, kRelu>(n, wide, factors, b);
    });
  }
}
template <class F>
void batchnorm_bwd(const BatchNormBackward& n) {
  n.relu ? batchnorm_bwd_as<F, true>(n) : batchnorm_bwd_as<F, false>(n);
}

}  // namespace
}  // namespace breakeven::cpu
