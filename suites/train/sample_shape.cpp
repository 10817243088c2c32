// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/sample_shape.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace breakeven::train {
namespace {

constexpr std::array<std::string_view, 7> kSources{"glyph", "shapes",  "sentences", "clicks",
                                                   "mnist", "cifar10", "text"};

// Words of the two lexicons; the tokens of a text file are its bytes.
constexpr int64_t kSmallLexicon = 453, kLargeLexicon = 3139, kByteValues = 256;

// Of eight fields the four largest have 7500 rows in all and grow with the scale, the others 370.
constexpr int64_t kClickFields = 8, kDenseFeatures = 8, kScaledRows = 7500, kFixedRows = 370;

std::string text(const SampleShape& s) {
  switch (s.kind) {
    case DataKind::images:
      return fmt::format("images of {} x {} x {} in {} classes", s.height, s.width, s.channels, s.classes);
    case DataKind::text:
      return fmt::format("windows of {} tokens below {}", s.window, s.vocabulary);
    case DataKind::clicks:
      return fmt::format("{} dense features and {} fields of {} rows", s.dense_features, s.fields,
                         s.table_rows);
  }
  return "";
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
  if (spec.source == "glyph" || spec.source == "mnist")
    return {.kind = DataKind::images, .height = 28, .width = 28, .channels = 1, .classes = 10};
  if (spec.source == "shapes" || spec.source == "cifar10")
    return {.kind = DataKind::images, .height = 32, .width = 32, .channels = 3, .classes = 10};
  if (spec.source == "sentences")
    return {.kind = DataKind::text,
            .vocabulary = spec.large ? kLargeLexicon : kSmallLexicon,
            .window = spec.window};
  if (spec.source == "text")
    return {.kind = DataKind::text, .vocabulary = kByteValues, .window = spec.window};
  return {.kind = DataKind::clicks,
          .dense_features = kDenseFeatures,
          .fields = kClickFields,
          .table_rows = spec.scale * kScaledRows + kFixedRows};
}

void expect_shape(const Dataset& data, const SampleShape& wanted) {
  const SampleShape found{data.kind,       data.height, data.width,          data.channels, data.classes,
                          data.vocabulary, data.window, data.dense_features, data.fields,   data.table_rows};
  const bool fits = found.kind == wanted.kind && text(found) == text(wanted);
  if (!fits)
    throw std::runtime_error(
        fmt::format("the data are {}, but the model is for {}", text(found), text(wanted)));
}

}  // namespace breakeven::train
