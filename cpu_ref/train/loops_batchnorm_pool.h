// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_batchnorm.h"

// Batch normalization with the 2x2 pooling that follows: y and its gradient never pass through memory. A line
// of windows is two lines of an image.

namespace breakeven::cpu {
namespace {

/// Where a window's four elements stand, in row-major order.
struct WindowPlaces {
  int64_t right, below;
  WindowPlaces(int64_t width, int64_t channels) : right(channels), below(width * channels) {}
  int64_t of(int k) const { return (k % 2) * right + (k / 2) * below; }
};

/// each(window, column, lanes) over a line of windows.
template <class Each>
void over_windows(int64_t windows, int64_t channels, Each each) {
  for (int64_t w = 0; w < windows; ++w) {
    for_vectors(channels, [=](int64_t c, auto lanes) { each(w, c, lanes); });
  }
}

template <class F, bool kRelu>
void normalise_windows(const BatchNorm& n, const float* scale, const float* shift, int64_t line) {
  const int64_t channels = n.channels, windows = n.width / 2;
  const WindowPlaces places(n.width, channels);
  const auto* x = elements<F>(n.x) + line * 2 * n.width * channels;
  auto* y = n.y ? elements<F>(n.y) + line * 2 * n.width * channels : nullptr;
  auto* pooled = elements<F>(n.pooled) + line * windows * channels;
  over_windows(windows, channels, [=](int64_t w, int64_t c, auto lanes) {
    const int64_t at = 2 * w * channels + c;
    const Floats s = get<Fp32Format>(scale + c, lanes), t = get<Fp32Format>(shift + c, lanes);
    Floats most{};
    for (int k = 0; k < 4; ++k) {
      const Floats here = normalised<F, kRelu>(get<F>(x + at + places.of(k), lanes), s, t);
      if (y) put<F>(here, y + at + places.of(k), lanes);
      most = k == 0 ? here : larger(most, here);
    }
    put<F>(most, pooled + w * channels + c, lanes);
  });
}

template <class F, class Lanes>
struct Window {
  Floats x[4], y[4], most{}, g{};  // g: what passes relu at the largest
  template <bool kRelu>
  void take(const typename F::Element* from, WindowPlaces places, Floats scale, Floats shift, Floats dpooled,
            Lanes lanes) {
    for (int k = 0; k < 4; ++k) {
      x[k] = get<F>(from + places.of(k), lanes);
      y[k] = rounded<F>(normalised<F, kRelu>(x[k], scale, shift));
      most = k == 0 ? y[0] : larger(most, y[k]);
    }
    g = !kRelu ? dpooled : most > 0.0f ? dpooled : Floats{};
  }
  /// x at the first largest.
  Floats chosen() const {
    const Floats lower = y[2] == most ? x[2] : x[3], upper = y[1] == most ? x[1] : lower;
    return y[0] == most ? x[0] : upper;
  }
};

inline Blocks window_lines(const BatchNormBackward& n) {
  return n.dpooled ? Blocks(n.rows / n.width / 2, 2 * n.width * n.channels) : Blocks(1, 1);
}

template <class F, bool kRelu>
void sum_window_block(const BatchNormBackward& n, const Blocks& lines, const float* factors, int64_t columns,
                      int64_t block, float* sums) {
  const int64_t channels = n.channels, windows = n.width / 2;
  const WindowPlaces places(n.width, channels);
  for_vectors(channels, [&](int64_t c, auto lanes) {
    const auto factor = [&](FactorRow row) { return get<Fp32Format>(factors + row * columns + c, lanes); };
    const Floats scale = factor(kScale), shift = factor(kShift), mean = factor(kMean);
    Floats sum{}, products{};
    for (int64_t line = lines.first(block); line < lines.last(block); ++line) {
      const auto *x = elements<F>(n.x) + line * 2 * n.width * channels + c,
                 *dpooled = elements<F>(n.dpooled) + line * windows * channels + c;
      for (int64_t w = 0; w < windows; ++w) {
        Window<F, decltype(lanes)> window;
        window.template take<kRelu>(x + 2 * w * channels, places, scale, shift,
                                    get<F>(dpooled + w * channels, lanes), lanes);
        sum += window.g;
        products += window.g * (window.chosen() - mean);
      }
    }
    put<Fp32Format>(sum, sums + c, lanes);
    put<Fp32Format>(products, sums + columns + c, lanes);
  });
}

template <class F, bool kRelu>
void write_window_line(const BatchNormBackward& n, const float* factors, int64_t columns, int64_t line) {
  const int64_t channels = n.channels, windows = n.width / 2;
  const WindowPlaces places(n.width, channels);
  const auto *x = elements<F>(n.x) + line * 2 * n.width * channels,
             *dpooled = elements<F>(n.dpooled) + line * windows * channels;
  auto* dx = elements<F>(n.dx) + line * 2 * n.width * channels;
  over_windows(windows, channels, [=](int64_t w, int64_t c, auto lanes) {
    const auto factor = [=](FactorRow row) { return get<Fp32Format>(factors + row * columns + c, lanes); };
    const int64_t at = 2 * w * channels + c;
    Window<F, decltype(lanes)> window;
    window.template take<kRelu>(x + at, places, factor(kScale), factor(kShift),
                                get<F>(dpooled + w * channels + c, lanes), lanes);
    Floats left = window.g;  // until one has taken it
    const Floats of_g = factor(kOfG), of_x = factor(kOfX), level = factor(kLevel);
    for (int k = 0; k < 4; ++k) {
      const Floats g = k == 3 ? left : window.y[k] == window.most ? left : Floats{};
      left = window.y[k] == window.most ? Floats{} : left;
      put<F>(of_g * g + (of_x * window.x[k] + level), dx + at + places.of(k), lanes);
    }
  });
}
template <class F, bool kRelu>
void write_window_block(const BatchNormBackward& n, const Blocks& lines, const float* factors,
                        int64_t columns, int64_t block) {
  for (int64_t line = lines.first(block); line < lines.last(block); ++line) {
    write_window_line<F, kRelu>(n, factors, columns, line);
  }
}

}  // namespace
}  // namespace breakeven::cpu
