// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/texture.h"

#include "suites/train/mix.h"

namespace breakeven::train {
namespace {

constexpr uint8_t kDark = 36, kLight = 220;
constexpr int32_t kClouds = 128 * kPixel;  // where in the clouds the image lies
constexpr int32_t kPositive =
    1024 * kPixel;  // whole periods are counted from there, so that none is negative

int32_t centre(int32_t pixel) { return pixel * kPixel + kHalfPixel; }

/// Random values 0..255 on a lattice of cells of 2^cell_bits 64ths of a pixel, and between them in between.
class Clouds {
 public:
  Clouds(uint32_t seed, int cell_bits) : bits_(cell_bits), first_((centre(0) + kClouds) >> cell_bits) {
    const int32_t last = (centre(kShapeSize - 1) + kClouds) >> cell_bits;
    for (int32_t y = 0; y <= last + 1 - first_; ++y) {
      for (int32_t x = 0; x <= last + 1 - first_; ++x) {
        const auto cell_x = static_cast<uint32_t>(first_ + x), cell_y = static_cast<uint32_t>(first_ + y);
        corner(x, y) = mix(seed ^ mix(cell_x * 0x9E3779B9u + cell_y * 0x85EBCA6Bu)) & 255;
      }
    }
  }
  uint32_t at(int32_t pixel_x, int32_t pixel_y) const {
    const int32_t x = centre(pixel_x) + kClouds, y = centre(pixel_y) + kClouds;
    const int32_t cell_x = (x >> bits_) - first_, cell_y = (y >> bits_) - first_;
    const uint32_t cell = 1u << bits_;
    const uint32_t right = static_cast<uint32_t>(x) & (cell - 1),
                   down = static_cast<uint32_t>(y) & (cell - 1);
    const uint32_t above = corner(cell_x, cell_y) * (cell - right) + corner(cell_x + 1, cell_y) * right;
    const uint32_t below =
        corner(cell_x, cell_y + 1) * (cell - right) + corner(cell_x + 1, cell_y + 1) * right;
    return (above * (cell - down) + below * down) >> (2 * bits_);
  }

 private:
  static constexpr int32_t kCorners = kShapeSize / 2 + 2;  // a side, of cells of two pixels
  uint32_t& corner(int32_t x, int32_t y) { return corners_[static_cast<size_t>(y * kCorners + x)]; }
  uint32_t corner(int32_t x, int32_t y) const { return corners_[static_cast<size_t>(y * kCorners + x)]; }

  int bits_;
  int32_t first_;
  std::array<uint32_t, kCorners * kCorners> corners_;
};

template <class Value>
void each_pixel(Plane& plane, Value value) {
  for (int32_t y = 0; y < kShapeSize; ++y) {
    for (int32_t x = 0; x < kShapeSize; ++x) {
      plane[static_cast<size_t>(y * kShapeSize + x)] = static_cast<uint8_t>(value(x, y));
    }
  }
}

/// value(u, v) of each pixel in coordinates turned by `angle` and moved out of the negative.
template <class Value>
void each_turned(Plane& plane, int32_t angle, Value value) {
  const int32_t cos = cosine(angle), sin = sine(angle);
  each_pixel(plane, [&](int32_t x, int32_t y) {
    const int32_t px = centre(x), py = centre(y);
    const int32_t u = (px * cos + py * sin) >> kSineBits, v = (py * cos - px * sin) >> kSineBits;
    return value(static_cast<uint32_t>(u + kPositive), static_cast<uint32_t>(v + kPositive));
  });
}

}  // namespace

void Texture::paint(Plane& plane) const {
  const auto length = static_cast<uint32_t>(period);
  // A position 0..2^17 over a period of less than 2^9: exact, since the reciprocal is too large by less than
  // 2^9 / 2^32 of itself.
  const uint64_t reciprocal = (uint64_t{1} << 32) / length + 1;
  const auto periods = [=](uint32_t at) { return static_cast<uint32_t>(at * reciprocal >> 32); };
  const auto shade = [](bool light) { return light ? kLight : kDark; };
  switch (kind) {
    case Kind::flat:
      return plane.fill(128);
    case Kind::stripes:
      return each_turned(plane, angle, [=](uint32_t u, uint32_t) { return shade(periods(u) & 1); });
    case Kind::checks:
      return each_turned(plane, angle,
                         [=](uint32_t u, uint32_t v) { return shade((periods(u) ^ periods(v)) & 1); });
    case Kind::clouds: {
      const Clouds clouds(seed, 8);
      return each_pixel(plane, [&](int32_t x, int32_t y) { return clouds.at(x, y); });
    }
    case Kind::fine_clouds: {
      const Clouds large(seed, 9), small(seed + 77, 7);
      return each_pixel(plane, [&](int32_t x, int32_t y) { return (large.at(x, y) + small.at(x, y)) / 2; });
    }
    case Kind::dots: {
      const int32_t radius2 = period * period / 9, half = period / 2;
      return each_turned(plane, angle, [=](uint32_t u, uint32_t v) {
        const int32_t x = static_cast<int32_t>(u - periods(u) * length) - half;
        const int32_t y = static_cast<int32_t>(v - periods(v) * length) - half;
        return shade(x * x + y * y < radius2);
      });
    }
  }
}

}  // namespace breakeven::train
