// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "suites/train/calibrated_hash.h"
#include "suites/train/draws.h"
#include "suites/train/glyph.h"
#include "suites/train/integer_geometry.h"
#include "suites/train/shapes.h"

namespace breakeven::train {
namespace {

template <size_t kBytes, class Draw>
uint64_t hash_of_first(uint64_t count, Draw draw) {
  CalibratedHash hash;
  std::array<uint8_t, kBytes> pixels;
  for (uint64_t i = 0; i < count; ++i) {
    hash.add(draw(i, pixels));
    hash.add_all(pixels);
  }
  return hash.hash;
}

TEST(Glyphs, AreTheBytesThatWereCalibrated) {
  const auto hash = [](uint32_t stream) {
    return hash_of_first<kGlyphPixels>(
        1000, [=](uint64_t i, auto& pixels) { return draw_glyph(stream, i, pixels); });
  };
  EXPECT_EQ(hash(kTrainStream), 0x28eef7f12fa90e19u);
  EXPECT_EQ(hash(kTestStream), 0xad642c58d817f887u);
}

TEST(Shapes, AreTheBytesThatWereCalibrated) {
  const auto hash = [](int difficulty, uint32_t stream) {
    return hash_of_first<kShapeBytes>(
        500, [=](uint64_t i, auto& pixels) { return draw_shape(difficulty, stream, i, pixels); });
  };
  EXPECT_EQ(hash(1, kTrainStream), 0xb62e7f0a032cb77au);
  EXPECT_EQ(hash(2, kTrainStream), 0x14762d00f517bfabu);
  EXPECT_EQ(hash(1, kTestStream), 0x20583bcde9bcfe67u);
  EXPECT_EQ(hash(2, kTestStream), 0x56d9fd6074546005u);
}

TEST(IntegerGeometry, SineIsNearTheSine) {
  for (int angle = -2048; angle <= 2048; ++angle) {
    EXPECT_NEAR(sine(angle) / 16384.0, std::sin(angle * 2 * 3.14159265358979 / 1024), 0.0018) << angle;
  }
}

/// Distance to the segment the plain way.
double distance(Point p, const Segment& s) {
  const double dx = s.b.x - s.a.x, dy = s.b.y - s.a.y, length2 = dx * dx + dy * dy;
  const double along = length2 > 0 ? ((p.x - s.a.x) * dx + (p.y - s.a.y) * dy) / length2 : 0;
  const double nearest = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - s.a.x - nearest * dx, p.y - s.a.y - nearest * dy);
}

TEST(IntegerGeometry, VisitsEveryPixelNearASegmentAndNoOther) {
  constexpr int32_t kSize = 28, kUnvisited = -1;
  Draws draws(5, 1, 0);
  for (int trial = 0; trial < 200; ++trial) {
    Segment s;
    for (int32_t* at : {&s.a.x, &s.a.y, &s.b.x, &s.b.y}) *at = draws.range(-600, 2400);
    if (trial % 10 == 0) s.b = s.a;
    const int32_t radius = draws.range(1, 150);
    std::array<int32_t, kSize * kSize> seen;
    seen.fill(kUnvisited);
    visit_near(s, radius, kSize, [&](int32_t pixel, int32_t d2) { seen[static_cast<size_t>(pixel)] = d2; });
    for (int32_t i = 0; i < kSize * kSize; ++i) {
      const double d = distance({i % kSize * kPixel + kHalfPixel, i / kSize * kPixel + kHalfPixel}, s);
      const int32_t found = seen[static_cast<size_t>(i)];
      ASSERT_EQ(found != kUnvisited, std::floor(d * d + 1e-6) < radius * radius)
          << "trial " << trial << " pixel " << i;
      if (found != kUnvisited) {
        ASSERT_NEAR(found, d * d, 1.0);
      }
    }
  }
}

}  // namespace
}  // namespace breakeven::train
