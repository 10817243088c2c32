// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/im2col.h"

#include <fmt/format.h>

#include <algorithm>

namespace breakeven::emu {
namespace {

constexpr int kMostOffset = 255;  // of two dimensions

/// The box of filter corners along one dimension: 0 w, 1 h.
struct Span {
  int64_t first, last;
};
Span span_of(const TensorMapContents& map, size_t dimension) {
  return {map.lower[dimension], int64_t{map.last[dimension + 1]} + map.upper[dimension]};
}

bool holds(const Span& span, int64_t at) { return at >= span.first && at <= span.last; }

}  // namespace

void require_pixels(const TensorMapContents& map, const PixelPlace& place, const char* what) {
  const Span w = span_of(map, 0), h = span_of(map, 1);
  if (!holds(w, place.w) || !holds(h, place.h)) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("{}: the first filter corner (w {}, h {}) is not in the box, {} to {} and {} to {}", what,
                    place.w, place.h, w.first, w.last, h.first, h.last));
  }
  if (place.offset_w > kMostOffset || place.offset_h > kMostOffset) {
    raise_fault(FaultKind::invalid_use, fmt::format("{}: offsets ({}, {}); at most {} in two dimensions",
                                                    what, place.offset_w, place.offset_h, kMostOffset));
  }
}

PixelRows::PixelRows(const TensorMapContents& contents, const PixelPlace& place)
    : map(contents), first_channel_(place.c) {
  const Span w = span_of(map, 0), h = span_of(map, 1);
  Pixel corner{place.w, place.h, place.n};
  for (int pixel = 0; pixel < row_count(map); ++pixel) {
    pixels_.push_back({corner.w + place.offset_w, corner.h + place.offset_h, corner.n});
    corner.w += map.element_stride[1];
    if (corner.w <= w.last) continue;
    corner.w = w.first;
    corner.h += map.element_stride[2];
    if (corner.h <= h.last) continue;
    corner.h = h.first;
    ++corner.n;
  }
}

BoxRow PixelRows::row(int pixel) const {
  const Pixel& at = pixels_[static_cast<size_t>(pixel)];
  const bool inside = at.w >= 0 && at.w <= map.last[1] && at.h >= 0 && at.h <= map.last[2] && at.n >= 0 &&
                      at.n <= map.last[3];
  const int64_t begin = std::max<int64_t>(first_channel_, 0);
  const int64_t end = std::min<int64_t>(int64_t{first_channel_} + map.box[0], int64_t{map.last[0]} + 1);
  if (!inside || begin >= end) return {nullptr, 0, 0};
  const auto stride = [this](size_t dimension) { return static_cast<int64_t>(map.stride_bytes[dimension]); };
  return {map.base + stride(2) * at.n + stride(1) * at.h + stride(0) * at.w + begin * map.element_bytes,
          static_cast<int>(begin - first_channel_) * map.element_bytes,
          static_cast<int>(end - begin) * map.element_bytes};
}

}  // namespace breakeven::emu
