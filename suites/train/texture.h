// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "suites/train/draws.h"
#include "suites/train/integer_geometry.h"

namespace breakeven::train {

inline constexpr int32_t kShapeSize = 32, kShapePixels = kShapeSize * kShapeSize;

/// One value 0..255 for every pixel of an image.
using Plane = std::array<uint8_t, kShapePixels>;

/// A pattern between two colours: how much of the second one each pixel has.
struct Texture {
  enum class Kind : uint32_t { flat, stripes, checks, clouds, fine_clouds, dots };
  static constexpr uint32_t kKinds = 6;

  Kind kind;
  uint32_t seed;          // of the clouds
  int32_t period, angle;  // of the others

  void paint(Plane&) const;
};

}  // namespace breakeven::train
