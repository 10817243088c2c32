// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "harness/usage_error.h"
#include "suites/train/clicks.h"
#include "suites/train/draws.h"
#include "suites/train/glyph.h"
#include "suites/train/sentences.h"
#include "suites/train/shapes.h"

namespace breakeven::train {
namespace {

constexpr int64_t kMostBytes = int64_t{16} << 30;
constexpr int64_t kVocabularyMultiple = 64;  // tensor units want sizes that are

void check_count(const DataSpec& spec, int64_t count, int64_t bytes_each) {
  if (count < 1 || count > kMostBytes / bytes_each) {
    throw UsageError(fmt::format("{}: {} samples cannot be generated; ask for 1 to {}", spec.source, count,
                                 kMostBytes / bytes_each));
  }
}

void check_difficulty(const DataSpec& spec, int hardest) {
  if (spec.difficulty < 1 || spec.difficulty > hardest) {
    throw UsageError(fmt::format("{}: there is no difficulty {}; choose 1{}", spec.source, spec.difficulty,
                                 hardest > 1 ? fmt::format(" to {}", hardest) : ""));
  }
}

/// Images of kPixels bytes; draw(index, pixels) returns the label.
template <size_t kPixels, class Draw>
Dataset draw_images(int64_t count, int64_t channels, int64_t size, int64_t classes, Draw draw) {
  Dataset data;
  data.samples = count;
  data.channels = channels;
  data.height = data.width = size;
  data.classes = classes;
  data.pixels.resize(static_cast<size_t>(count) * kPixels);
  data.labels.resize(static_cast<size_t>(count));
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    data.labels[at] =
        draw(static_cast<uint64_t>(i), std::span<uint8_t, kPixels>(&data.pixels[at * kPixels], kPixels));
  }
  return data;
}

Dataset glyphs(const DataSpec& spec, uint32_t stream, int64_t count) {
  check_count(spec, count, 1 + kGlyphPixels);
  check_difficulty(spec, 1);
  return draw_images<kGlyphPixels>(count, 1, kGlyphSize, kGlyphClasses,
                                   [=](uint64_t i, auto pixels) { return draw_glyph(stream, i, pixels); });
}

Dataset shapes(const DataSpec& spec, uint32_t stream, int64_t count) {
  check_count(spec, count, 1 + kShapeBytes);
  check_difficulty(spec, kShapeLevels);
  return draw_images<kShapeBytes>(
      count, kShapeChannels, kShapeSize, kShapeClasses,
      [=, &spec](uint64_t i, auto pixels) { return draw_shape(spec.difficulty, stream, i, pixels); });
}

Dataset sentences(const DataSpec& spec, uint32_t stream, int64_t count) {
  check_count(spec, count, sizeof(uint16_t));
  const Lexicon lexicon(spec.large);
  const auto words = static_cast<int64_t>(lexicon.spellings.size());
  Dataset data;
  data.kind = DataKind::text;
  data.vocabulary = (words + kVocabularyMultiple - 1) / kVocabularyMultiple * kVocabularyMultiple;
  data.tokens = write_sentences(lexicon, stream, count).tokens;
  set_windows(data, spec.window, stream == kTestStream, spec.source);
  return data;
}

Dataset clicks(const DataSpec& spec, uint32_t stream, int64_t count) {
  check_count(spec, count, 1 + kClickDense + 4 * kClickFields);
  if (spec.scale < 1 || spec.scale > kMostClickScale) {
    throw UsageError(
        fmt::format("clicks: a scale of {} is not possible; choose 1 to {}", spec.scale, kMostClickScale));
  }
  const auto ids = click_ids(spec.scale);
  std::array<uint32_t, kClickFields> first_row{};
  std::partial_sum(ids.begin(), ids.end() - 1, first_row.begin() + 1);
  Dataset data;
  data.kind = DataKind::clicks;
  data.samples = count;
  data.dense_features = kClickDense;
  data.fields = kClickFields;
  data.table_rows = std::accumulate(ids.begin(), ids.end(), int64_t{0});
  data.labels.resize(static_cast<size_t>(count));
  data.dense.resize(static_cast<size_t>(count) * kClickDense);
  data.rows.resize(static_cast<size_t>(count) * kClickFields);
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    const Click click = draw_click(spec.scale, stream, static_cast<uint64_t>(i));
    data.labels[static_cast<size_t>(i)] = click.label;
    std::ranges::copy(click.dense, data.dense.begin() + i * kClickDense);
    std::ranges::transform(click.ids, first_row, data.rows.begin() + i * kClickFields, std::plus());
  }
  return data;
}

}  // namespace

Dataset generate(const DataSpec& spec, uint32_t stream, int64_t count) {
  if (spec.source == "glyph") return glyphs(spec, stream, count);
  if (spec.source == "shapes") return shapes(spec, stream, count);
  if (spec.source == "sentences") return sentences(spec, stream, count);
  return clicks(spec, stream, count);
}

void set_windows(Dataset& data, int64_t window, bool apart, const std::string& what) {
  const auto tokens = static_cast<int64_t>(data.tokens.size());
  if (window < 1)
    throw UsageError(fmt::format("{}: a window of {} tokens is none; choose 1 or more", what, window));
  if (tokens <= window) {
    throw UsageError(
        fmt::format("{}: {} tokens are too few for a window of {} and the token after it; give at least {}",
                    what, tokens, window, window + 1));
  }
  data.window = window;
  data.samples = apart ? (tokens - 1) / window : tokens - window;
}

}  // namespace breakeven::train
