// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv/conv_axis.h"

#include <numeric>

namespace breakeven::cuda {
namespace {

/// One dimension of the problem.
struct Extent {
  int x, filter, y;
  int stride, padding, dilation;
};

Extent rows(const Conv2d& c) {
  const auto value = [](int64_t v) { return static_cast<int>(v); };
  return {value(c.h), value(c.r), value(c.p()), value(c.stride), value(c.padding), value(c.dilation)};
}
Extent columns(const Conv2d& c) {
  const auto value = [](int64_t v) { return static_cast<int>(v); };
  return {value(c.w), value(c.s), value(c.q()), value(c.stride), value(c.padding), value(c.dilation)};
}

ConvAxis forward_axis(const Extent& e) {
  return {.extent = e.x,
          .first = -e.padding,
          .count = e.y,
          .step = e.stride,
          .taps = e.filter,
          .dilation = e.dilation,
          .first_tap = 0,
          .tap_step = 1,
          .out_first = 0,
          .out_step = 1,
          .out_extent = e.y};
}

/// Row h = remainder + u t of dx takes tap i where h + padding - i d is a multiple of u, from row t +
/// (remainder + padding - i d) / u of dy. Those taps are `every` apart, and d every / u rows of dy. Counted
/// from the last of them, so that the rows of dy ascend.
ConvAxis data_axis(const Extent& e, int remainder) {
  const int u = e.stride, every = u / std::gcd(u, e.dilation);
  ConvAxis axis{.extent = e.y,
                .first = 0,
                .count = e.x > remainder ? (e.x - remainder + u - 1) / u : 0,
                .step = 1,
                .taps = 0,
                .dilation = every * e.dilation / u,
                .first_tap = 0,
                .tap_step = -every,
                .out_first = remainder,
                .out_step = u,
                .out_extent = e.x};
  int tap = 0;
  while (tap < e.filter && (remainder + e.padding - tap * e.dilation) % u != 0) ++tap;
  if (tap >= e.filter) return axis;
  axis.taps = (e.filter - tap + every - 1) / every;
  axis.first_tap = tap + (axis.taps - 1) * every;
  axis.first = (remainder + e.padding - axis.first_tap * e.dilation) / u;
  return axis;
}

}  // namespace

ConvPart forward_part(const Conv2d& conv) { return {forward_axis(rows(conv)), forward_axis(columns(conv))}; }

std::vector<ConvPart> data_parts(const Conv2d& conv) {
  std::vector<ConvPart> parts;
  for (int of_h = 0; of_h < conv.stride; ++of_h) {
    for (int of_w = 0; of_w < conv.stride; ++of_w) {
      const ConvPart part{data_axis(rows(conv), of_h), data_axis(columns(conv), of_w)};
      if (part.pixels() > 0) parts.push_back(part);
    }
  }
  return parts;
}

}  // namespace breakeven::cuda
