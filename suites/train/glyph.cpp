// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/glyph.h"

#include <array>
#include <vector>

#include "suites/train/draws.h"
#include "suites/train/integer_geometry.h"

namespace breakeven::train {
namespace {

constexpr uint64_t kSeed = 2024;
constexpr int32_t kMaxStroke = 120;  // half the width of a stroke, 64ths of a pixel
constexpr int32_t kMaxReach = kMaxStroke + kHalfPixel;

/// The strokes of the digits, as one line through points of a box of 100 x 100, y downwards.
const std::array<std::vector<Point>, kGlyphClasses> kDigits{{
    {{50, 5}, {25, 15}, {15, 50}, {25, 85}, {50, 95}, {75, 85}, {85, 50}, {75, 15}, {50, 5}},
    {{30, 25}, {52, 6}, {52, 95}},
    {{18, 25}, {35, 6}, {65, 6}, {82, 25}, {75, 48}, {18, 94}, {84, 94}},
    {{20, 12}, {50, 5}, {78, 20}, {70, 42}, {45, 48}, {72, 55}, {82, 76}, {52, 95}, {18, 86}},
    {{64, 95}, {64, 5}, {14, 66}, {88, 66}},
    {{80, 6}, {26, 6}, {22, 46}, {55, 40}, {82, 58}, {76, 86}, {48, 95}, {18, 86}},
    {{74, 8}, {40, 22}, {18, 60}, {28, 90}, {58, 95}, {80, 76}, {68, 52}, {38, 54}, {20, 70}},
    {{16, 6}, {84, 6}, {44, 95}},
    {{50, 48},
     {24, 36},
     {26, 14},
     {50, 5},
     {74, 14},
     {76, 36},
     {50, 48},
     {20, 66},
     {24, 88},
     {50, 95},
     {76, 88},
     {80, 66},
     {50, 48}},
    {{78, 38}, {56, 50}, {28, 44}, {22, 20}, {48, 5}, {76, 18}, {78, 40}, {66, 78}, {38, 95}},
}};

/// floor(sqrt(i)) for squared distances within the reach of the widest stroke.
constexpr auto kRoots = [] {
  std::array<uint8_t, kMaxReach * kMaxReach> roots{};
  for (int32_t root = 0; root < kMaxReach; ++root) {
    for (int32_t i = root * root; i < (root + 1) * (root + 1); ++i) {
      roots[static_cast<size_t>(i)] = static_cast<uint8_t>(root);
    }
  }
  return roots;
}();

/// From the box of 100 x 100 to the image.
struct Pose {
  explicit Pose(Draws& draws) {
    const int32_t angle = draws.triangular(90);
    width = draws.range(120, 190);
    height = draws.range(140, 210);
    shear = draws.triangular(48);
    x = kGlyphSize / 2 * kPixel + draws.triangular(4 * kPixel);
    y = kGlyphSize / 2 * kPixel + draws.triangular(4 * kPixel);
    cos = cosine(angle);
    sin = sine(angle);
  }
  // Divisions round towards zero. 100 units of the box are `width` tenths of a pixel.
  Point place(Point p) const {
    const int32_t upright_y = (p.y - 50) * height * kPixel / 1000;
    const int32_t upright_x = (p.x - 50) * width * kPixel / 1000 + upright_y * shear / 128;
    return {(upright_x * cos - upright_y * sin) / (1 << kSineBits) + x,
            (upright_x * sin + upright_y * cos) / (1 << kSineBits) + y};
  }

  int32_t width, height, shear, x, y, cos, sin;
};

/// How much of each pixel strokes cover, 0..64.
class Ink {
 public:
  void add(const Segment& segment, int32_t half_width) {
    const int32_t reach = half_width + kHalfPixel;
    visit_near(segment, reach, kGlyphSize, [&](int32_t pixel, int32_t d2) {
      const int32_t covered = std::min(kPixel, reach - kRoots[static_cast<size_t>(d2)]);
      uint8_t& cover = cover_[static_cast<size_t>(pixel)];
      cover = std::max(cover, static_cast<uint8_t>(covered));
    });
  }
  int32_t operator[](size_t pixel) const { return cover_[pixel]; }

 private:
  std::array<uint8_t, kGlyphPixels> cover_{};
};

std::vector<Point> draw_points(Draws& draws, uint32_t digit) {
  constexpr int32_t kJitter = 7;
  const Pose pose(draws);
  std::vector<Point> points;
  for (const Point& p : kDigits[digit]) {
    const int32_t dx = draws.triangular(kJitter);
    const int32_t dy = draws.triangular(kJitter);
    points.push_back(pose.place({p.x + dx, p.y + dy}));
  }
  return points;
}

/// A line from anywhere in the image to up to nine pixels away each way.
Segment draw_distractor(Draws& draws) {
  Segment s;
  s.a.x = draws.range(0, kGlyphSize * kPixel - 1);
  s.a.y = draws.range(0, kGlyphSize * kPixel - 1);
  s.b.x = s.a.x + draws.range(-9 * kPixel, 9 * kPixel);
  s.b.y = s.a.y + draws.range(-9 * kPixel, 9 * kPixel);
  return s;
}

/// All else that is drawn about an image, in the order it is drawn.
struct Look {
  explicit Look(Draws& draws) {
    half_width = draws.range(48, kMaxStroke);
    brightness = draws.range(150, 255);
    distractors.resize(draws.below(3));
    for (Segment& s : distractors) s = draw_distractor(draws);
    distractor_half_width = draws.range(36, 80);
    distractor_brightness = draws.range(90, 230);
    erased.x = draws.range(0, kGlyphSize - 1);
    erased.y = draws.range(0, kGlyphSize - 1);
    erased_size = draws.range(0, 7);
    noise = draws.range(8, 70);
    background = draws.range(0, 50);
  }

  int32_t half_width, brightness, distractor_half_width, distractor_brightness, erased_size, noise,
      background;
  Point erased;
  std::vector<Segment> distractors;
};

using Levels = std::array<int32_t, kGlyphPixels>;

void paint(const Look& look, const std::vector<Point>& points, Levels& levels) {
  Ink strokes, distractors;
  for (size_t i = 1; i < points.size(); ++i) strokes.add({points[i - 1], points[i]}, look.half_width);
  for (const Segment& s : look.distractors) distractors.add(s, look.distractor_half_width);
  for (size_t i = 0; i < levels.size(); ++i) {
    const int32_t digit = (look.background * (kPixel - strokes[i]) + look.brightness * strokes[i]) / kPixel;
    levels[i] = std::max(digit, look.distractor_brightness * distractors[i] / kPixel);
  }
  for (int32_t y = look.erased.y; y < std::min(look.erased.y + look.erased_size, kGlyphSize); ++y) {
    for (int32_t x = look.erased.x; x < std::min(look.erased.x + look.erased_size, kGlyphSize); ++x) {
      levels[static_cast<size_t>(y * kGlyphSize + x)] = look.background;
    }
  }
}

}  // namespace

uint8_t draw_glyph(uint32_t stream, uint64_t index, std::span<uint8_t, kGlyphPixels> pixels) {
  Draws draws(kSeed, stream, index);
  const uint32_t digit = draws.below(kGlyphClasses);
  const std::vector<Point> points = draw_points(draws, digit);
  const Look look(draws);
  Levels levels;
  paint(look, points, levels);
  std::array<uint32_t, 2 * kGlyphPixels> words;
  draws.fill(words);
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = to_byte(levels[i] + triangular(words[2 * i], words[2 * i + 1], look.noise));
  }
  return static_cast<uint8_t>(digit);
}

}  // namespace breakeven::train
