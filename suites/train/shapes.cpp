// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/shapes.h"

#include <cstdlib>
#include <vector>

#include "suites/train/draws.h"

namespace breakeven::train {
namespace {

constexpr uint64_t kSeed = 2024;

using Colour = std::array<int32_t, kShapeChannels>;
using Image = std::array<Plane, kShapeChannels>;

/// What the levels differ in.
struct Level {
  int32_t least_radius, most_turn, least_contrast, least_noise, most_noise;
};
constexpr Level kLevels[kShapeLevels] = {{8 * kPixel, 170, 120, 5, 45}, {6 * kPixel, 512, 90, 10, 70}};

/// Each texture goes from its `first` to its `second` colour.
struct Colours {
  Colour first, second;
};

/// Painted over what is there: a line, and a disc or square about a centre.
struct Bar {
  Segment line;
  int32_t half_width;
  Colour colour;
};
struct Blob {
  Point centre;
  int32_t radius;
  bool round;
  Colour colour;
};

/// All that is drawn about an image but its noise, in the order it is drawn.
struct Scene {
  uint32_t shape;
  ShapePose pose;
  Colours shape_colours, ground_colours;
  Texture shape_texture, ground_texture;
  Point light;
  int32_t noise;
  std::vector<Bar> bars;
  std::vector<Blob> blobs;
};

Point draw_point(Draws& draws) {
  Point p;
  p.x = draws.range(0, kShapeSize * kPixel - 1);
  p.y = draws.range(0, kShapeSize * kPixel - 1);
  return p;
}

Colour draw_colour(Draws& draws) {
  Colour colour;
  for (int32_t& channel : colour) channel = draws.range(0, 255);
  return colour;
}

ShapePose draw_pose(Draws& draws, const Level& level) {
  ShapePose pose;
  pose.radius = draws.range(level.least_radius, 12 * kPixel);
  pose.centre.x = kShapeSize / 2 * kPixel + draws.triangular(6 * kPixel);
  pose.centre.y = kShapeSize / 2 * kPixel + draws.triangular(6 * kPixel);
  pose.angle = draws.triangular(level.most_turn);
  pose.aspect = draws.range(100, 150);
  return pose;
}

/// Two first colours that differ enough, then what the textures make of each.
void draw_colours(Draws& draws, const Level& level, Colours& shape, Colours& ground) {
  int32_t contrast = 0;
  while (contrast < level.least_contrast) {
    contrast = 0;
    for (size_t k = 0; k < kShapeChannels; ++k) {
      shape.first[k] = draws.range(0, 255);
      ground.first[k] = draws.range(0, 255);
      contrast += std::abs(shape.first[k] - ground.first[k]);
    }
  }
  for (size_t k = 0; k < kShapeChannels; ++k) {
    shape.second[k] = to_byte(shape.first[k] + draws.triangular(70));
    ground.second[k] = to_byte(ground.first[k] + draws.triangular(110));
  }
}

void draw_textures(Draws& draws, Texture& shape, Texture& ground) {
  shape.kind = static_cast<Texture::Kind>(draws.below(Texture::kKinds));
  ground.kind = static_cast<Texture::Kind>(draws.below(Texture::kKinds));
  shape.seed = draws.next();
  ground.seed = draws.next();
  shape.period = draws.range(3 * kPixel, 7 * kPixel);
  ground.period = draws.range(3 * kPixel, 8 * kPixel);
  shape.angle = draws.range(0, 1023);
  ground.angle = draws.range(0, 1023);
}

Scene draw_scene(Draws& draws, const Level& level) {
  Scene scene;
  scene.shape = draws.below(kShapeClasses);
  scene.pose = draw_pose(draws, level);
  draw_colours(draws, level, scene.shape_colours, scene.ground_colours);
  draw_textures(draws, scene.shape_texture, scene.ground_texture);
  scene.light.x = draws.triangular(40);
  scene.light.y = draws.triangular(40);
  scene.noise = draws.range(level.least_noise, level.most_noise);
  scene.bars.resize(draws.below(3));
  for (Bar& bar : scene.bars) {
    bar.line.a = draw_point(draws);
    bar.line.b = draw_point(draws);
    bar.half_width = draws.range(24, 72);
    bar.colour = draw_colour(draws);
  }
  scene.blobs.resize(draws.below(3));
  for (Blob& blob : scene.blobs) {
    blob.centre = draw_point(draws);
    blob.radius = draws.range(2 * kPixel, 4 * kPixel);
    blob.round = draws.below(2) == 1;
    blob.colour = draw_colour(draws);
  }
  return scene;
}

void paint_ground(const Scene& scene, Image& image) {
  Plane texture;
  scene.ground_texture.paint(texture);
  for (size_t k = 0; k < kShapeChannels; ++k) {
    const auto first = static_cast<uint16_t>(scene.ground_colours.first[k]);
    const auto second = static_cast<uint16_t>(scene.ground_colours.second[k]);
    for (size_t i = 0; i < texture.size(); ++i) {
      const auto mixed = static_cast<uint16_t>(first * (255 - texture[i]) + second * texture[i]);
      image[k][i] = static_cast<uint8_t>(mixed / 255);
    }
  }
}

void set_pixel(Image& image, int32_t pixel, const Colour& colour) {
  for (size_t k = 0; k < kShapeChannels; ++k) {
    image[k][static_cast<size_t>(pixel)] = static_cast<uint8_t>(colour[k]);
  }
}

void paint(const Blob& blob, Image& image) {
  const auto first = [&](int32_t at) { return std::max(0, (at - blob.radius) / kPixel); };
  const auto last = [&](int32_t at) { return std::min(kShapeSize - 1, (at + blob.radius) / kPixel); };
  for (int32_t y = first(blob.centre.y); y <= last(blob.centre.y); ++y) {
    for (int32_t x = first(blob.centre.x); x <= last(blob.centre.x); ++x) {
      const int32_t dx = x * kPixel + kHalfPixel - blob.centre.x,
                    dy = y * kPixel + kHalfPixel - blob.centre.y;
      const bool inside = blob.round ? dx * dx + dy * dy < blob.radius * blob.radius
                                     : std::max(std::abs(dx), std::abs(dy)) < blob.radius;
      if (inside) set_pixel(image, y * kShapeSize + x, blob.colour);
    }
  }
}

void paint_shape(const Scene& scene, Image& image) {
  Plane texture, covered;
  scene.shape_texture.paint(texture);
  cover(scene.shape, scene.pose, covered);
  for (size_t k = 0; k < kShapeChannels; ++k) {
    const auto first = static_cast<uint16_t>(scene.shape_colours.first[k]);
    const auto second = static_cast<uint16_t>(scene.shape_colours.second[k]);
    for (size_t i = 0; i < texture.size(); ++i) {
      const auto mixed = static_cast<uint16_t>(first * (255 - texture[i]) + second * texture[i]);
      const auto front = static_cast<uint16_t>(mixed / 255);
      const auto sum = static_cast<uint16_t>(image[k][i] * (kCovered - covered[i]) + front * covered[i]);
      image[k][i] = static_cast<uint8_t>(sum / kCovered);
    }
  }
}

/// Eight words a pixel: two for all channels together, and two for each with half the amplitude.
void finish(Draws& draws, const Scene& scene, const Image& image, std::span<uint8_t, kShapeBytes> pixels) {
  std::array<uint32_t, 8 * kShapePixels> words;
  draws.fill(words);
  for (int32_t i = 0; i < kShapePixels; ++i) {
    const int32_t x = i % kShapeSize - kShapeSize / 2, y = i / kShapeSize - kShapeSize / 2;
    const auto at = static_cast<size_t>(i);
    const uint32_t* word = &words[8 * at];
    const int32_t light = (scene.light.x * x + scene.light.y * y) / 16;
    const int32_t grey = light + triangular(word[0], word[1], scene.noise);
    for (size_t k = 0; k < kShapeChannels; ++k) {
      const int32_t colour = triangular(word[2 + 2 * k], word[3 + 2 * k], scene.noise / 2);
      pixels[k * kShapePixels + at] = to_byte(image[k][at] + grey + colour);
    }
  }
}

}  // namespace

uint8_t draw_shape(int difficulty, uint32_t stream, uint64_t index, std::span<uint8_t, kShapeBytes> pixels) {
  Draws draws(kSeed, stream, index);
  const Scene scene = draw_scene(draws, kLevels[difficulty - 1]);
  Image image;
  paint_ground(scene, image);
  for (const Blob& blob : scene.blobs) paint(blob, image);
  paint_shape(scene, image);
  for (const Bar& bar : scene.bars) {
    visit_near(bar.line, bar.half_width, kShapeSize,
               [&](int32_t pixel, int32_t) { set_pixel(image, pixel, bar.colour); });
  }
  finish(draws, scene, image, pixels);
  return static_cast<uint8_t>(scene.shape);
}

}  // namespace breakeven::train
