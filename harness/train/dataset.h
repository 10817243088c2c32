// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace breakeven::train {

enum class DataKind : uint8_t { images, text, clicks };

/// Samples as they lie on a device: whole numbers, as generated or read, never normalised ahead.
struct Dataset {
  DataKind kind = DataKind::images;
  int64_t samples = 0;
  // images: `pixels` [samples, channels, height, width] (as CIFAR-10 and MNIST files have them), labels
  // [samples] in 0..classes-1
  int64_t channels = 0, height = 0, width = 0, classes = 0;
  std::vector<uint8_t> pixels, labels;
  // text: one stream of tokens below `vocabulary`; a sample is a window of `window` tokens and the token
  // after each; windows start anywhere in training, at multiples of `window` in evaluation (there `samples`
  // counts them)
  int64_t vocabulary = 0, window = 0;
  std::vector<uint16_t> tokens;
  // clicks: labels [samples] 0 or 1; dense [samples, dense_features]; rows [samples, fields], already counted
  // from the start of all tables joined into one of `table_rows` rows
  int64_t dense_features = 0, fields = 0, table_rows = 0;
  std::vector<uint8_t> dense;
  std::vector<uint32_t> rows;

  int64_t bytes() const {
    return static_cast<int64_t>(pixels.size() + labels.size() + dense.size() + 2 * tokens.size() +
                                4 * rows.size());
  }
};

struct Datasets {
  Dataset train, test;
  double generate_seconds = 0;        // made or read, and hashed
  std::string train_hash, test_hash;  // FNV-1a-64, 16 hexadecimal digits
};

/// What may be done to an image on its way into a batch, drawn anew for every sample and epoch: a shift of up
/// to `shift` pixels either way (edges mirrored, the edge itself not repeated) and, with `flip`, left-right
/// half the time.
///   word = philox(key = seed, low = sample, high = epoch).word
///   dx = word[0] % (2 shift + 1) - shift, dy = word[1] % (2 shift + 1) - shift, flip = word[2] & 1
///   pixel (x, y) comes from (flip ? width - 1 - x : x) + dx, y + dy
struct Augmentation {
  int shift = 0;
  bool flip = false;
  bool any() const { return shift > 0 || flip; }
};

// Normalisation is exact in fp32: pixels (u8 - 127.5) / 64, dense features (u8 - 128) / 64.
inline constexpr float kPixelMean = 127.5f, kDenseMean = 128.0f, kDataScale = 1.0f / 64.0f;

}  // namespace breakeven::train
