// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/sample_shape.h"

#include <array>
#include <numeric>

#include "suites/train/clicks.h"
#include "suites/train/glyph.h"
#include "suites/train/shapes.h"

namespace breakeven::train {
namespace {

constexpr std::array<std::string_view, 7> kSources{"glyph", "shapes",  "sentences", "clicks",
                                                   "mnist", "cifar10", "text"};

// 453 words and 3139, in whole 64s; the tokens of a text file are its bytes.
constexpr int64_t kSmallVocabulary = 512, kLargeVocabulary = 3200, kByteValues = 256;

SampleShape images(int64_t size, int64_t channels, int64_t classes) {
  return {.kind = DataKind::images, .height = size, .width = size, .channels = channels, .classes = classes};
}

SampleShape text(int64_t vocabulary, int64_t window) {
  return {.kind = DataKind::text, .vocabulary = vocabulary, .window = window};
}

}  // namespace

int64_t SampleShape::bytes() const {
  switch (kind) {
    case DataKind::images:
      return height * width * channels + 1;
    case DataKind::text:
      return 2;
    case DataKind::clicks:
      return 1 + dense_features + 4 * fields;
  }
  return 0;
}

std::span<const std::string_view> data_sources() { return kSources; }

SampleShape sample_shape(const DataSpec& spec) {
  if (spec.source == "glyph" || spec.source == "mnist") return images(kGlyphSize, 1, kGlyphClasses);
  if (spec.source == "shapes" || spec.source == "cifar10")
    return images(kShapeSize, kShapeChannels, kShapeClasses);
  if (spec.source == "sentences") return text(spec.large ? kLargeVocabulary : kSmallVocabulary, spec.window);
  if (spec.source == "text") return text(kByteValues, spec.window);
  const auto ids = click_ids(spec.scale);
  return {.kind = DataKind::clicks,
          .dense_features = kClickDense,
          .fields = kClickFields,
          .table_rows = std::accumulate(ids.begin(), ids.end(), int64_t{0})};
}

}  // namespace breakeven::train
