// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "suites/train/shape_cover.h"

namespace breakeven::train {

inline constexpr int32_t kShapeChannels = 3, kShapeBytes = kShapeChannels * kShapePixels;
inline constexpr int kShapeLevels = 2;

/// Draws sample `index` of a stream, [channel, y, x], and returns its class: which shape (shape_cover.h) is
/// in the foreground. Colours and textures of shape and background come from one distribution, so that
/// neither tells the class; light falls off to one side, up to two blobs lie behind the shape and two bars
/// before it. `difficulty` 1: turned by up to a sixth of a turn; 2: any way, smaller, with less contrast and
/// more noise. A linear classifier and colour statistics get about 12 % right, two hidden layers 67 % (41 %
/// of difficulty 2), convolutions 97 %.
uint8_t draw_shape(int difficulty, uint32_t stream, uint64_t index, std::span<uint8_t, kShapeBytes> pixels);

}  // namespace breakeven::train
