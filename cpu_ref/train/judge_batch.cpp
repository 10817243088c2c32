// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_batch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/philox.h"

namespace breakeven::cpu {
namespace {

using namespace train;

/// The array of one of the program's inputs, of the right size; null where the program has none.
double* input(const Program& program, ValueId id, Arrays& arrays) {
  if (id == kNoValue) return nullptr;
  std::vector<double>& array = arrays.values[static_cast<size_t>(id)];
  array.resize(static_cast<size_t>(program.value(id).size()));
  return array.data();
}

/// Where a pixel beyond the edge comes from: mirrored, the edge itself not repeated.
int64_t mirrored(int64_t at, int64_t size) {
  if (size == 1) return 0;
  while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
  return at;
}

struct Move {
  int64_t dx = 0, dy = 0;
  bool flip = false;
};

Move move_of(const BatchAugmentation& a, uint32_t sample) {
  if (!a.augmentation.any()) return {};
  const PhiloxBlock block = philox(a.seed, sample, a.epoch);
  const auto shift = static_cast<uint32_t>(a.augmentation.shift);
  const auto shifted = [&](uint32_t word) { return int64_t{word % (2 * shift + 1)} - int64_t{shift}; };
  return {shifted(block.word[0]), shifted(block.word[1]), a.augmentation.flip && (block.word[2] & 1) != 0};
}

/// One image, from planes of channels to channels side by side.
void image(const Dataset& data, int64_t sample, const Move& move, double* to) {
  const uint8_t* from = data.pixels.data() + sample * data.channels * data.height * data.width;
  for (int64_t y = 0; y < data.height; ++y) {
    const int64_t row = mirrored(y + move.dy, data.height);
    for (int64_t x = 0; x < data.width; ++x) {
      const int64_t column = mirrored((move.flip ? data.width - 1 - x : x) + move.dx, data.width);
      for (int64_t c = 0; c < data.channels; ++c)
        *to++ = (from[(c * data.height + row) * data.width + column] - double{kPixelMean}) * kDataScale;
    }
  }
}

void images(const Program& program, const Dataset& data, std::span<const uint32_t> samples,
            const BatchAugmentation& augmentation, Arrays& arrays) {
  double* pixels = input(program, program.inputs.pixels, arrays);
  double* labels = input(program, program.inputs.labels, arrays);
  const int64_t size = data.channels * data.height * data.width;
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < samples.size(); ++i) {
    image(data, samples[i], move_of(augmentation, samples[i]), pixels + static_cast<int64_t>(i) * size);
    labels[i] = data.labels[samples[i]];
  }
}

void text(const Program& program, const Dataset& data, std::span<const uint32_t> starts, Arrays& arrays) {
  double* tokens = input(program, program.inputs.tokens, arrays);
  double* labels = input(program, program.inputs.labels, arrays);
  for (const uint32_t start : starts) {
    for (int64_t t = 0; t < data.window; ++t) {
      *tokens++ = data.tokens[static_cast<size_t>(start + t)];
      *labels++ = data.tokens[static_cast<size_t>(start + t + 1)];
    }
  }
}

void clicks(const Program& program, const Dataset& data, std::span<const uint32_t> samples, Arrays& arrays) {
  double* dense = input(program, program.inputs.dense, arrays);
  double* rows = input(program, program.inputs.rows, arrays);
  double* labels = input(program, program.inputs.labels, arrays);
  for (const uint32_t sample : samples) {
    for (int64_t f = 0; dense && f < data.dense_features; ++f)
      *dense++ = (data.dense[static_cast<size_t>(sample * data.dense_features + f)] - double{kDenseMean}) *
                 kDataScale;
    for (int64_t f = 0; rows && f < data.fields; ++f)
      *rows++ = data.rows[static_cast<size_t>(sample * data.fields + f)];
    *labels++ = data.labels[sample];
  }
}

/// Every sample must be there whole: nothing is read beyond the end of the data.
void require_samples(const Dataset& data, std::span<const uint32_t> samples) {
  if (samples.empty()) return;
  const int64_t last = std::ranges::max(samples);
  const bool text = data.kind == DataKind::text;
  const int64_t beyond = text ? static_cast<int64_t>(data.tokens.size()) - data.window : data.samples;
  if (last >= beyond)
    throw std::out_of_range(
        fmt::format("sample {} of data that end before sample {}", last, std::max<int64_t>(beyond, 0)));
}

/// A sample's extents: those of the program's input, and of the data.
void require_extents(const Program& program, ValueId id, const char* what, std::vector<int64_t> data) {
  std::vector<int64_t> wanted;
  if (id != kNoValue) wanted.assign(program.value(id).shape.begin() + 1, program.value(id).shape.end());
  if (id == kNoValue) std::erase(data, 0);  // neither has any
  if (wanted != data)
    throw std::invalid_argument(fmt::format("the model reads {} of [{}] a sample, and the data have [{}]",
                                            what, fmt::join(wanted, ","), fmt::join(data, ",")));
}

template <class T>
void require_below(const std::vector<T>& values, int64_t limit, const char* what) {
  const auto most = std::ranges::max_element(values);
  if (most != values.end() && int64_t{*most} >= limit)
    throw std::invalid_argument(
        fmt::format("the data have {} {}, and the model's end before {}", what, *most, limit));
}

int64_t table_rows(const Program& program, OpKind kind) {
  const auto op = std::ranges::find(program.forward, kind, &Op::kind);
  return op == program.forward.end() ? INT64_MAX : program.parameter(op->parameters.at(0)).shape.at(0);
}

int64_t classes(const Program& program) {
  const bool binary = program.forward.back().kind == OpKind::binary_cross_entropy;
  return binary ? 2 : program.value(program.logits).shape.back();
}

void require_size(size_t size, int64_t samples, int64_t each, const char* what) {
  if (static_cast<int64_t>(size) != samples * each)
    throw std::invalid_argument(
        fmt::format("{} samples need {} {}, and the data have {}", samples, samples * each, what, size));
}

void require_images(const Program& program, const Dataset& data) {
  require_extents(program, program.inputs.pixels, "pixels", {data.height, data.width, data.channels});
  require_size(data.pixels.size(), data.samples, data.height * data.width * data.channels, "pixels");
  require_size(data.labels.size(), data.samples, 1, "labels");
  require_below(data.labels, classes(program), "label");
}

void require_text(const Program& program, const Dataset& data) {
  require_extents(program, program.inputs.tokens, "tokens", {data.window});
  require_below(data.tokens, std::min(classes(program), table_rows(program, OpKind::embed)), "token");
}

void require_clicks(const Program& program, const Dataset& data) {
  require_extents(program, program.inputs.dense, "dense features", {data.dense_features});
  require_extents(program, program.inputs.rows, "rows of tables", {data.fields});
  require_size(data.dense.size(), data.samples, data.dense_features, "dense features");
  require_size(data.rows.size(), data.samples, data.fields, "rows of tables");
  require_size(data.labels.size(), data.samples, 1, "labels");
  require_below(data.labels, classes(program), "label");
  require_below(data.rows, table_rows(program, OpKind::lookup), "row");
}

}  // namespace

void require_fit(const Program& program, const Dataset& data) {
  if (data.samples == 0 && data.bytes() == 0) return;  // none at all: nothing is read
  switch (data.kind) {
    case DataKind::images:
      return require_images(program, data);
    case DataKind::text:
      return require_text(program, data);
    case DataKind::clicks:
      return require_clicks(program, data);
  }
}

void assemble_batch(const Program& program, const Dataset& data, std::span<const uint32_t> samples,
                    const BatchAugmentation& augmentation, Arrays& arrays) {
  require_samples(data, samples);
  arrays.values.resize(program.values.size());
  switch (data.kind) {
    case DataKind::images:
      return images(program, data, samples, augmentation, arrays);
    case DataKind::text:
      return text(program, data, samples, arrays);
    case DataKind::clicks:
      return clicks(program, data, samples, arrays);
  }
}

std::vector<uint32_t> evaluation_samples(const Program& program, const Dataset& data, int64_t first) {
  std::vector<uint32_t> samples;
  const int64_t apart = data.kind == DataKind::text ? data.window : 1;
  for (int64_t i = first; i < first + program.batch; ++i)
    samples.push_back(static_cast<uint32_t>(i < data.samples ? i * apart : 0));
  return samples;
}

}  // namespace breakeven::cpu
