// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu_ref/train/judge_operands.h"

namespace breakeven::cpu {
namespace {

/// x[batch, height, width, channels] in windows of size x size that tile it.
struct PoolShape {
  explicit PoolShape(const JudgeOperands& o)
      : size(o.op().kernel),
        width(o.in_shape(0).at(2)),
        channels(o.in_shape(0).at(3)),
        columns(width / size),
        rows(o.in_shape(0).at(0) * (o.in_shape(0).at(1) / size)) {}
  int64_t size, width, channels, columns;
  int64_t rows;  // of windows, over the whole batch: image rows follow one another

  /// The place in x of the first largest of a window, in row-major order.
  int64_t largest(const double* x, int64_t row, int64_t column, int64_t channel) const {
    const int64_t corner = (row * size * width + column * size) * channels + channel;
    int64_t best = corner;
    for (int64_t r = 0; r < size; ++r) {
      for (int64_t s = 0; s < size; ++s) {
        const int64_t at = corner + (r * width + s) * channels;
        if (x[at] > x[best]) best = at;
      }
    }
    return best;
  }
};

/// function(index into y, index into x of the largest), all of a row of windows by one thread.
template <class Function>
void each_window(const PoolShape& s, const double* x, const Function& function) {
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < s.rows; ++row) {
    for (int64_t i = 0; i < s.columns * s.channels; ++i)
      function(row * s.columns * s.channels + i, s.largest(x, row, i / s.channels, i % s.channels));
  }
}

}  // namespace

void judge_maxpool(const JudgeOperands& o) {
  const double* x = o.in(0);
  double* y = o.out(0);
  each_window(PoolShape(o), x, [&](int64_t to, int64_t from) { y[to] = x[from]; });
}

void judge_maxpool_bwd(const JudgeOperands& o) {
  const double *x = o.in(0), *dy = o.in(2);
  double* dx = o.out(0);
  std::fill_n(dx, o.out_size(0), 0.0);
  each_window(PoolShape(o), x, [&](int64_t from, int64_t to) { dx[to] = dy[from]; });
}

}  // namespace breakeven::cpu
