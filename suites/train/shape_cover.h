// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "suites/train/texture.h"

namespace breakeven::train {

inline constexpr uint32_t kShapeClasses = 10;
inline constexpr int32_t kCovered = 9;  // points of a pixel that are looked at

/// Where a shape lies: centre and radius in 64ths of a pixel, aspect (how much longer it is than wide) in
/// hundredths, angle in 1024ths of a turn.
struct ShapePose {
  Point centre;
  int32_t radius, angle, aspect;
};

/// How many of each pixel's 3 x 3 points lie inside: disc, ring, square, frame, triangle, plus, T, L,
/// crescent, rhombus for `shape` 0..9.
void cover(uint32_t shape, const ShapePose& pose, Plane& points);

}  // namespace breakeven::train
