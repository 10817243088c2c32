// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/shape_cover.h"

#include <cstdlib>
#include <utility>

namespace breakeven::train {
namespace {

constexpr int32_t kRadius = 1024;  // of a shape in its own coordinates; none reaches further
constexpr int32_t kPointStep = 21, kMiddlePoint = 31;  // from the pixel's corner
constexpr int32_t kPointReach = 31;  // how far the points of a pixel are from its middle one, turned

// Without branches (& and |, not && and ||): at edges and corners they would be mispredicted half the time.
template <uint32_t kShape>
bool inside(int32_t x, int32_t y) {
  const int32_t ax = std::abs(x), ay = std::abs(y), r2 = x * x + y * y;
  switch (kShape) {
    case 0:  // disc
      return r2 < 900 * 900;
    case 1:  // ring
      return (r2 < 960 * 960) & (r2 > 520 * 520);
    case 2:  // square
      return (ax < 800) & (ay < 800);
    case 3:  // frame
      return (ax < 860) & (ay < 860) & ((ax >= 450) | (ay >= 450));
    case 4:  // triangle
      return (y < 620) & (ax * 1000 < (y + 1000) * 580);
    case 5:  // plus
      return ((ax < 330) & (ay < 980)) | ((ay < 330) & (ax < 980));
    case 6:  // T
      return ((ax < 980) & (y < -380) & (y > -980)) | ((ax < 330) & (ay < 980));
    case 7:  // L
      return ((x > -900) & (x < -250) & (ay < 950)) | ((y > 300) & (y < 950) & (ax < 900));
    case 8:  // crescent
      return (r2 < 960 * 960) & ((x - 420) * (x - 420) + y * y > 700 * 700);
    default:  // rhombus
      return (ax * 10 + ay * 6 < 7 * kRadius + kRadius / 2) & (ay < 980);
  }
}

/// From turned distances of the image, 64ths of a pixel, to the shape's coordinates, tabulated since each
/// point would divide four times. Divisions round towards zero, so the negative side is the mirror of this
/// one.
class Stretch {
 public:
  explicit Stretch(const ShapePose& pose) {
    const int32_t down = pose.radius * pose.aspect;
    while (across_ < kMost && across_ * kRadius / pose.radius < kRadius) {
      x_[across_] = static_cast<int16_t>(across_ * kRadius / pose.radius);
      ++across_;
    }
    // The last rounding may move a point inwards, by less than kRounding.
    for (; down_ < kMost; ++down_) {
      const int32_t once = down_ * kRadius * 100 / down;
      if (once >= kRadius + kRounding) break;
      y_[down_] = static_cast<int16_t>(once * pose.aspect / 100 * 100 / pose.aspect);
    }
    x_[across_] = y_[down_] = kOutside;
  }
  // First distances that are outside of every shape.
  int32_t across() const { return across_; }
  int32_t down() const { return down_; }
  int32_t x(int32_t at) const { return mirrored(at, x_[std::min(std::abs(at), across_)]); }
  int32_t y(int32_t at) const { return mirrored(at, y_[std::min(std::abs(at), down_)]); }

 private:
  static constexpr int32_t kRounding = 4, kMost = 12 * kPixel * 16 / 10, kOutside = 4 * kRadius;
  static int32_t mirrored(int32_t at, int32_t value) { return (value ^ at >> 31) - (at >> 31); }

  int32_t across_ = 0, down_ = 0;
  int16_t x_[kMost + 1], y_[kMost + 1];
};

template <uint32_t kShape>
void cover_with(const ShapePose& pose, Plane& points) {
  const Stretch stretch(pose);
  const int32_t cos = cosine(pose.angle), sin = sine(pose.angle);
  const auto turned_x = [=](int32_t x, int32_t y) { return (x * cos + y * sin) >> kSineBits; };
  const auto turned_y = [=](int32_t x, int32_t y) { return (y * cos - x * sin) >> kSineBits; };
  points.fill(0);
  for (int32_t i = 0; i < kShapePixels; ++i) {
    const int32_t x = i % kShapeSize * kPixel + kMiddlePoint - pose.centre.x;
    const int32_t y = i / kShapeSize * kPixel + kMiddlePoint - pose.centre.y;
    if (std::abs(turned_x(x, y)) > stretch.across() + kPointReach) continue;
    if (std::abs(turned_y(x, y)) > stretch.down() + kPointReach) continue;
    uint8_t within = 0;
    for (int32_t dy = -kPointStep; dy <= kPointStep; dy += kPointStep) {
      for (int32_t dx = -kPointStep; dx <= kPointStep; dx += kPointStep) {
        const int32_t u = stretch.x(turned_x(x + dx, y + dy)), v = stretch.y(turned_y(x + dx, y + dy));
        within = static_cast<uint8_t>(within + inside<kShape>(u, v));
      }
    }
    points[static_cast<size_t>(i)] = within;
  }
}

template <uint32_t... kShapes>
void choose(uint32_t shape, const ShapePose& pose, Plane& points,
            std::integer_sequence<uint32_t, kShapes...>) {
  static constexpr void (*kCover[])(const ShapePose&, Plane&) = {cover_with<kShapes>...};
  kCover[shape](pose, points);
}

}  // namespace

void cover(uint32_t shape, const ShapePose& pose, Plane& points) {
  choose(shape, pose, points, std::make_integer_sequence<uint32_t, kShapeClasses>());
}

}  // namespace breakeven::train
