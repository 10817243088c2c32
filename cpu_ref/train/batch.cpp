// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/batch.h"

#include <array>
#include <bit>

#include "harness/philox.h"
#include "harness/rounding.h"

namespace breakeven::cpu {
namespace {

/// What each byte becomes: one look-up in place of arithmetic and rounding.
template <class E>
using Normalised = std::array<E, 256>;

template <class E>
Normalised<E> normalised(float mean, Element element) {
  Normalised<E> made;
  for (size_t i = 0; i < made.size(); ++i) {
    const float value = (static_cast<float>(i) - mean) * train::kDataScale;
    if constexpr (sizeof(E) == 4) {
      made[i] = value;
    } else {
      const auto bits = std::bit_cast<uint32_t>(value);
      made[i] = element == Element::bf16 ? to_bf16(bits) : to_fp16(bits);
    }
  }
  return made;
}

struct Shift {
  int64_t x = 0, y = 0;
  bool flip = false;
};

Shift shift_of(const BatchOf& of, uint32_t sample) {
  if (!of.augmentation.any()) return {};
  const PhiloxBlock block = philox(of.seed, sample, of.epoch);
  const auto choices = static_cast<uint32_t>(2 * of.augmentation.shift + 1);
  return {static_cast<int64_t>(block.word[0] % choices) - of.augmentation.shift,
          static_cast<int64_t>(block.word[1] % choices) - of.augmentation.shift,
          of.augmentation.flip && (block.word[2] & 1u) != 0};
}

/// Edges mirrored, the edge itself not repeated: -1 is 1.
int64_t mirrored(int64_t at, int64_t extent) {
  if (extent == 1) return 0;
  const int64_t period = 2 * (extent - 1);
  const int64_t within = ((at % period) + period) % period;
  return within < extent ? within : period - within;
}

/// One line of an image, planes to pixels.
template <class E>
void interleave(const uint8_t* line, int64_t plane, const BatchOf& of, Shift shift, const Normalised<E>& as,
                E* out) {
  const int64_t width = of.data->width, channels = of.data->channels;
  for (int64_t c = 0; c < channels; ++c, line += plane) {
    if (shift.x == 0 && !shift.flip) {
      for (int64_t x = 0; x < width; ++x) out[x * channels + c] = as[line[x]];
      continue;
    }
    for (int64_t x = 0; x < width; ++x) {
      const int64_t from = mirrored((shift.flip ? width - 1 - x : x) + shift.x, width);
      out[x * channels + c] = as[line[from]];
    }
  }
}

template <class E>
void images(const BatchOf& of, Element element, E* out) {
  const train::Dataset& data = *of.data;
  const Normalised<E> as = normalised<E>(train::kPixelMean, element);
  const int64_t plane = data.height * data.width, image = data.channels * plane;
  const auto count = static_cast<int64_t>(of.samples.size());
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t sample = of.samples[static_cast<size_t>(i)];
    const Shift shift = shift_of(of, sample);
    const uint8_t* from = data.pixels.data() + sample * image;
    for (int64_t y = 0; y < data.height; ++y) {
      const int64_t line = mirrored(y + shift.y, data.height) * data.width;
      interleave(from + line, plane, of, shift, as, out + i * image + y * data.width * data.channels);
    }
  }
}

template <class E>
void dense(const BatchOf& of, Element element, E* out) {
  const Normalised<E> as = normalised<E>(train::kDenseMean, element);
  const int64_t features = of.data->dense_features;
  for (const uint32_t sample : of.samples) {
    const uint8_t* from = of.data->dense.data() + sample * features;
    for (int64_t i = 0; i < features; ++i) *out++ = as[from[i]];
  }
}

}  // namespace

void assemble_images(const BatchOf& of, Element element, void* x) {
  if (element == Element::fp32) return images(of, element, static_cast<float*>(x));
  images(of, element, static_cast<uint16_t*>(x));
}

void assemble_dense(const BatchOf& of, Element element, void* x) {
  if (element == Element::fp32) return dense(of, element, static_cast<float*>(x));
  dense(of, element, static_cast<uint16_t*>(x));
}

void assemble_rows(const BatchOf& of, int32_t* rows) {
  const int64_t fields = of.data->fields;
  for (const uint32_t sample : of.samples) {
    const uint32_t* from = of.data->rows.data() + sample * fields;
    for (int64_t i = 0; i < fields; ++i) *rows++ = static_cast<int32_t>(from[i]);
  }
}

void assemble_labels(const BatchOf& of, int32_t* labels) {
  for (const uint32_t sample : of.samples) *labels++ = of.data->labels[sample];
}

void assemble_tokens(const BatchOf& of, int32_t* ids, int32_t* next) {
  for (const uint32_t start : of.samples) {
    const uint16_t* from = of.data->tokens.data() + start;
    for (int64_t i = 0; i < of.data->window; ++i) {
      *ids++ = from[i];
      *next++ = from[i + 1];
    }
  }
}

}  // namespace breakeven::cpu
