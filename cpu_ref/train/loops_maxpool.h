// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Max pooling of images with channels innermost: vectors of channels, so that no window crosses a lane.

namespace breakeven::cpu {
namespace {

/// One line of windows of one image.
struct PoolLine {
  int64_t x, y;  // of the line's first element in the larger and the smaller array
  PoolLine(const auto& p, int64_t line) {
    const int64_t lines = p.height / p.kernel, image = line / lines;
    x = (image * p.height + (line - image * lines) * p.kernel) * p.width * p.channels;
    y = line * (p.width / p.kernel) * p.channels;
  }
};

/// kKernel: known to the compiler, or 0.
template <class F, int kKernel>
void maxpool_as(const MaxPool& p) {
  const int64_t kernel = kKernel ? kKernel : p.kernel, windows = p.width / kernel, channels = p.channels;
  const int64_t pitch = p.width * channels;
  in_parallel(p.batch * (p.height / kernel), p.batch * p.height * pitch, [&](int64_t line) {
    const PoolLine at(p, line);
    const auto* x = elements<F>(p.x) + at.x;
    auto* y = elements<F>(p.y) + at.y;
    for (int64_t w = 0; w < windows; ++w, x += kernel * channels, y += channels) {
      for_vectors(channels, [=](int64_t c, auto lanes) {
        Floats most = get<F>(x + c, lanes);
        for (int64_t i = 0; i < kernel; ++i) {
          for (int64_t j = 0; j < kernel; ++j)
            most = larger(most, get<F>(x + i * pitch + j * channels + c, lanes));
        }
        put<F>(most, y + c, lanes);
      });
    }
  });
}
template <class F>
void maxpool(const MaxPool& p) {
  p.kernel == 2 ? maxpool_as<F, 2>(p) : p.kernel == 4 ? maxpool_as<F, 4>(p) : maxpool_as<F, 0>(p);
}

/// Columns and lines that are in no window get 0.
template <class F>
void zero_left_over(const MaxPoolBackward& p, int64_t kernel, int64_t line) {
  const int64_t lines = p.height / kernel, image = line / lines, pitch = p.width * p.channels;
  const int64_t first = (line - image * lines) * kernel;
  auto* dx = elements<F>(p.dx) + image * p.height * pitch;
  const auto zero = [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) dx[i] = 0;
  };
  for (int64_t i = first; i < first + kernel; ++i)
    zero(i * pitch + p.width / kernel * kernel * p.channels, (i + 1) * pitch);
  if (first + kernel == lines * kernel) zero(lines * kernel * pitch, p.height * pitch);
}

template <class F, int kKernel>
void maxpool_bwd_as(const MaxPoolBackward& p) {
  const int64_t kernel = kKernel ? kKernel : p.kernel, windows = p.width / kernel, channels = p.channels;
  const int64_t pitch = p.width * channels;
  in_parallel(p.batch * (p.height / kernel), p.batch * p.height * pitch, [&](int64_t line) {
    const PoolLine at(p, line);
    const auto *x = elements<F>(p.x) + at.x, *dy = elements<F>(p.dy) + at.y;
    auto* dx = elements<F>(p.dx) + at.x;
    for (int64_t w = 0; w < windows; ++w, x += kernel * channels, dx += kernel * channels, dy += channels) {
      for_vectors(channels, [=](int64_t c, auto lanes) {
        Floats most = get<F>(x + c, lanes);
        for (int64_t k = 1; k < kernel * kernel; ++k) {
          most = larger(most, get<F>(x + k / kernel * pitch + k % kernel * channels + c, lanes));
        }
        Floats left = get<F>(dy + c, lanes);  // until one has taken it
        for (int64_t k = 0; k < kernel * kernel; ++k) {
          const int64_t to = k / kernel * pitch + k % kernel * channels + c;
          const auto largest = get<F>(x + to, lanes) == most;
          put<F>(largest ? left : Floats{}, dx + to, lanes);
          left = largest ? Floats{} : left;
        }
      });
    }
    zero_left_over<F>(p, kernel, line);
  });
}
template <class F>
void maxpool_bwd(const MaxPoolBackward& p) {
  p.kernel == 2 ? maxpool_bwd_as<F, 2>(p) : p.kernel == 4 ? maxpool_bwd_as<F, 4>(p) : maxpool_bwd_as<F, 0>(p);
}

}  // namespace
}  // namespace breakeven::cpu
