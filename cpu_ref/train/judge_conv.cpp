// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu_ref/train/judge_operands.h"
#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

/// x[batch, height, width, channels], y[batch, rows, columns, filters], w[filters, kernel, kernel, channels].
struct ConvShape {
  ConvShape(const train::Op& op, const std::vector<int64_t>& x, const std::vector<int64_t>& y)
      : batch(x.at(0)),
        height(x.at(1)),
        width(x.at(2)),
        channels(x.at(3)),
        rows(y.at(1)),
        columns(y.at(2)),
        filters(y.at(3)),
        kernel(op.kernel),
        stride(op.stride),
        padding(op.padding),
        padded_height(height + 2 * padding),
        padded_width(width + 2 * padding),
        tap_row(kernel * channels) {}
  int64_t batch, height, width, channels, rows, columns, filters, kernel, stride, padding;
  int64_t padded_height, padded_width;
  int64_t tap_row;  // elements under one row of a filter: side by side in an image as in the filter
};

/// The images with their zeros around them.
std::vector<double> padded(const ConvShape& s, const double* x) {
  std::vector<double> made(static_cast<size_t>(s.batch * s.padded_height * s.padded_width * s.channels), 0.0);
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < s.batch * s.height; ++row) {
    const int64_t to = row / s.height * s.padded_height + row % s.height + s.padding;
    std::copy_n(x + row * s.width * s.channels, s.width * s.channels,
                made.begin() + (to * s.padded_width + s.padding) * s.channels);
  }
  return made;
}

/// The output's index that reads input `at` by tap `tap`, or -1.
int64_t reader(const ConvShape& s, int64_t at, int64_t tap, int64_t outputs) {
  const int64_t position = at + s.padding - tap;
  return position < 0 || position % s.stride != 0 || position / s.stride >= outputs ? -1
                                                                                    : position / s.stride;
}

/// One row of dx: every pixel gathers from the outputs that read it.
void gather_row(const ConvShape& s, const double* dy, const double* w, int64_t row, double* dx) {
  std::fill_n(dx, s.width * s.channels, 0.0);
  for (int64_t r = 0; r < s.kernel; ++r) {
    const int64_t p = reader(s, row % s.height, r, s.rows);
    if (p < 0) continue;
    for (int64_t tap = 0; tap < s.kernel; ++tap) {
      const double* rows = w + r * s.tap_row + tap * s.channels;
      for (int64_t column = 0; column < s.width; ++column) {
        const int64_t q = reader(s, column, tap, s.columns);
        if (q < 0) continue;
        const double* from = dy + ((row / s.height * s.rows + p) * s.columns + q) * s.filters;
        add_product(dx + column * s.channels, s.channels, from, s.filters, rows, s.kernel * s.tap_row);
      }
    }
  }
}

}  // namespace

void judge_conv(const JudgeOperands& o) {
  const ConvShape s(o.op(), o.in_shape(0), o.out_shape(0));
  const std::vector<double> x = padded(s, o.in(0));
  const std::vector<double> w = transposed(o.parameter(0), s.filters, s.kernel * s.tap_row);
  double* y = o.out(0);
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < s.batch * s.rows; ++row) {
    double* to = y + row * s.columns * s.filters;
    std::fill_n(to, s.columns * s.filters, 0.0);
    for (int64_t r = 0; r < s.kernel; ++r) {
      const int64_t from = row / s.rows * s.padded_height + row % s.rows * s.stride + r;
      for (int64_t q = 0; q < s.columns; ++q)
        add_product(to + q * s.filters, s.filters,
                    x.data() + (from * s.padded_width + q * s.stride) * s.channels, s.tap_row,
                    w.data() + r * s.tap_row * s.filters, s.filters);
    }
  }
}

void judge_conv_data(const JudgeOperands& o) {
  const ConvShape s(o.op(), o.out_shape(0), o.in_shape(0));
  const double *dy = o.in(0), *w = o.parameter(0);
  double* dx = o.out(0);
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < s.batch * s.height; ++row)
    gather_row(s, dy, w, row, dx + row * s.width * s.channels);
}

void judge_conv_weights(const JudgeOperands& o) {
  const ConvShape s(o.op(), o.in_shape(0), o.in_shape(1));
  const int64_t outputs = s.batch * s.rows * s.columns;
  const std::vector<double> x = padded(s, o.in(0)), dy = transposed(o.in(1), outputs, s.filters);
  double* dw = o.gradient(0);
  std::fill_n(dw, o.parameter_size(0), 0.0);
#pragma omp parallel
  for (int64_t image = 0; image < s.batch; ++image) {  // one image at a time stays in the cache
#pragma omp for schedule(static) nowait
    for (int64_t k = 0; k < s.filters; ++k) {
      for (int64_t p = 0; p < s.rows; ++p) {
        for (int64_t r = 0; r < s.kernel; ++r)
          add_product(dw + (k * s.kernel + r) * s.tap_row, s.tap_row,
                      dy.data() + k * outputs + (image * s.rows + p) * s.columns, s.columns,
                      x.data() + (image * s.padded_height + p * s.stride + r) * s.padded_width * s.channels,
                      s.stride * s.channels);
      }
    }
  }
}

}  // namespace breakeven::cpu
