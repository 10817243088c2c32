// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Batch normalization, two passes over memory each way. Where there are few channels, several rows make a
// wide row, so that vectors are full and several sums are under way: `wide` columns, column i of channel i %
// channels.

namespace breakeven::cpu {
namespace {

constexpr float kBatchNormEps = 1e-5f, kBatchNormMove = 0.1f;  // harness/train/program.h
constexpr int64_t kWideColumns = 64;

struct Wide {
  int64_t channels, rows_each, columns;  // of a wide row
  Blocks blocks;
  Wide(int64_t rows, int64_t channels_in)
      : channels(channels_in),
        rows_each(channels < kWideColumns ? kWideColumns / channels : 1),
        columns(rows_each * channels),
        blocks(rows, channels, rows_each) {}
  int64_t first(int64_t block) const { return blocks.first(block) * channels; }  // elements
  int64_t last(int64_t block) const { return blocks.last(block) * channels; }
  double rows_in(int64_t block) const {
    return static_cast<double>(blocks.last(block) - blocks.first(block));
  }
  /// A channel's value to its columns.
  void spread(int64_t channel, float value, float* row) const {
    for (int64_t i = channel; i < columns; i += channels) row[i] = value;
  }
  /// What its columns have summed, to the channel.
  void fold(float* row) const {
    for (int64_t i = channels; i < columns; ++i) row[i % channels] += row[i];
  }
};

/// each(element, column, lanes) over a block.
template <class Each>
void over_block(const Wide& wide, int64_t block, Each each) {
  const int64_t last = wide.last(block);
  for (int64_t at = wide.first(block); at < last; at += wide.columns) {
    const int64_t here = last - at < wide.columns ? last - at : wide.columns;
    for_vectors(here, [=](int64_t i, auto lanes) { each(at + i, i, lanes); });
  }
}

/// Two sums along a block's rows, of every column: each(element, column, lanes, first sum, second sum) adds
/// to both; vectors of columns side by side in registers.
template <int kVectors, class Each>
void sum_vectors(const Wide& wide, int64_t block, int64_t column, float* sums, Each each) {
  Floats a[kVectors] = {}, b[kVectors] = {};
  for (int64_t at = wide.first(block); at + wide.columns <= wide.last(block); at += wide.columns) {
    for (int k = 0; k < kVectors; ++k) {
      const int64_t i = column + k * kLanes;
      each(at + i, i, Full{}, a[k], b[k]);
    }
  }
  for (int k = 0; k < kVectors; ++k) {
    store(a[k], sums + column + k * kLanes);
    store(b[k], sums + wide.columns + column + k * kLanes);
  }
}
template <class Each>
void sum_part(const Wide& wide, int64_t first, int64_t last, int64_t column, Part lanes, float* sums,
              Each each) {
  Floats a = get<Fp32Format>(sums + column, lanes), b = get<Fp32Format>(sums + wide.columns + column, lanes);
  for (int64_t at = first; at < last; at += wide.columns) each(at + column, column, lanes, a, b);
  put<Fp32Format>(a, sums + column, lanes);
  put<Fp32Format>(b, sums + wide.columns + column, lanes);
}
/// sums: [2, wide.columns], folded into the first channels of each.
template <class Each>
void sum_block(const Wide& wide, int64_t block, float* sums, Each each) {
  constexpr int kSide = 4;
  const int64_t n = wide.columns, first = wide.first(block), last = wide.last(block);
  const int64_t whole = first + (last - first) / n * n;
  int64_t i = 0;
  for (; i + kSide * kLanes <= n; i += kSide * kLanes) sum_vectors<kSide>(wide, block, i, sums, each);
  for (; i + kLanes <= n; i += kLanes) sum_vectors<1>(wide, block, i, sums, each);
  for (int64_t j = i; j < n; ++j) sums[j] = sums[n + j] = 0;
  if (i < n) sum_part(wide, first, whole, i, Part{n - i}, sums, each);
  for (int64_t j = 0; whole + j < last; j += kLanes) {
    const int64_t left = last - whole - j;
    sum_part(wide, whole, last, j, Part{left < kLanes ? left : kLanes}, sums, each);
  }
  wide.fold(sums);
  wide.fold(sums + n);
}

/// What a block's values are taken less of before they are squared, so that a large mean costs no digits: its
/// first row; then [2, columns] of sums.
constexpr int64_t kStatisticsRows = 3;

template <class F>
void sum_statistics(const Wide& wide, const typename F::Element* x, int64_t block, float* part) {
  for (int64_t c = 0; c < wide.channels; ++c) wide.spread(c, one<F>(x + wide.first(block) + c), part);
  sum_block(wide, block, part + wide.columns,
            [=](int64_t at, int64_t i, auto lanes, Floats& sum, Floats& squares) {
              const Floats off = get<F>(x + at, lanes) - get<Fp32Format>(part + i, lanes);
              sum += off;
              squares += off * off;
            });
}

struct Moments {
  double mean, variance;
};
/// Of one channel, from all blocks (Chan, Golub, LeVeque 1983).
inline Moments join_statistics(const Wide& wide, const float* parts, int64_t channel) {
  const int64_t n = wide.columns;
  double sum = 0, squares = 0;
  for (int64_t b = 0; b < wide.blocks.count; ++b) {
    const float* part = parts + b * kStatisticsRows * n + channel;
    sum += wide.rows_in(b) * part[0] + part[n];
  }
  const double rows = static_cast<double>(wide.blocks.rows), mean = sum / rows;
  for (int64_t b = 0; b < wide.blocks.count; ++b) {
    const float* part = parts + b * kStatisticsRows * n + channel;
    const double of_shifted = part[n] / wide.rows_in(b), off = part[0] + of_shifted - mean;
    squares += part[2 * n] - of_shifted * part[n] + wide.rows_in(b) * off * off;
  }
  return {mean, squares > 0 ? squares / rows : squares == squares ? 0 : squares};
}

/// y = scale x + shift.
struct Affine {
  float scale, shift;
};
inline Affine affine(float mean, float rstd, float gamma, float beta) {
  const float scale = gamma * rstd;
  return {scale, beta - mean * scale};
}

inline Affine finish_statistics(const BatchNorm& n, const Wide& wide, const float* parts, int64_t c) {
  const Moments moments = join_statistics(wide, parts, c);
  const auto mean = static_cast<float>(moments.mean), variance = static_cast<float>(moments.variance);
  n.mean[c] = mean;
  n.rstd[c] = 1.0f / __builtin_sqrtf(variance + kBatchNormEps);
  if (n.running_mean) {
    n.running_mean[c] += kBatchNormMove * (mean - n.running_mean[c]);
    n.running_variance[c] += kBatchNormMove * (variance - n.running_variance[c]);
  }
  return affine(mean, n.rstd[c], n.gamma[c], n.beta[c]);
}

template <class F, bool kRelu>
Floats normalised(Floats x, Floats scale, Floats shift) {
  const Floats y = x * scale + shift;
  return kRelu ? larger(Floats{}, y) : y;
}

template <class F, bool kRelu>
void normalise_block(const BatchNorm& n, const Wide& wide, const float* scale, int64_t block) {
  const auto* x = elements<F>(n.x);
  auto* y = elements<F>(n.y);
  const float* shift = scale + wide.columns;
  over_block(wide, block, [=](int64_t at, int64_t i, auto lanes) {
    put<F>(normalised<F, kRelu>(get<F>(x + at, lanes), get<Fp32Format>(scale + i, lanes),
                                get<Fp32Format>(shift + i, lanes)),
           y + at, lanes);
  });
}

/// Sums of what comes from above, and of its products with x less the mean; where relu let it through. Values
/// that are kept as 0 were not let through.
template <class F>
constexpr float kRoundsToZero = std::is_same_v<F, Fp16Format> ? 0x1p-25f : 0.0f;
template <class F, bool kRelu>
Floats passed(Floats x, Floats dy, Floats scale, Floats shift) {
  return !kRelu ? dy : x * scale + shift > kRoundsToZero<F> ? dy : Floats{};
}

/// Rows of a channel's factors, each wide.
enum FactorRow { kScale, kShift, kMean, kOfG, kOfX, kLevel, kFactorRows };

/// dx = of_g g + (of_x x + level).
inline void backward_factors(const BatchNormBackward& n, double rows, int64_t c, float sum_g, float sum_gx,
                             float* three) {
  const float rstd = n.rstd[c], over = static_cast<float>(1 / rows);
  n.dbeta[c] = sum_g;
  n.dgamma[c] = sum_gx * rstd;
  three[0] = n.gamma[c] * rstd;
  three[1] = -three[0] * rstd * rstd * sum_gx * over;
  three[2] = -three[0] * sum_g * over - n.mean[c] * three[1];
}

}  // namespace
}  // namespace breakeven::cpu
