// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/batch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

/// Bytes one after the other, by arithmetic: vectors are faster than look-ups. A pixel has eight
/// significant bits at most, so bf16 has all of it and nothing is rounded.
template <class E>
void normalise_pixels(const uint8_t* from, int64_t n, E* to) {
  for (int64_t i = 0; i < n; ++i) {
    const float value = (static_cast<float>(from[i]) - train::kPixelMean) * train::kDataScale;
    if constexpr (sizeof(E) == 4) {
      to[i] = value;
    } else {
      to[i] = static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
    }
  }
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

/// Calls each(i, sample) for all samples of a batch, on all threads. The record that is needed a while later
/// is asked for ahead.
template <class Each>
void for_samples(const BatchOf& of, Each each) {
  constexpr int64_t kAhead = 16, kLine = 64;
  const auto count = static_cast<int64_t>(of.samples.size());
  const int64_t bytes = of.data->record_bytes();
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* const later =
        of.data->record(of.samples[static_cast<size_t>(std::min(i + kAhead, count - 1))]);
    for (int64_t at = 0; at < bytes; at += kLine) __builtin_prefetch(later + at);
    __builtin_prefetch(later + bytes - 1);
    each(i, of.samples[static_cast<size_t>(i)]);
  }
}

/// One line of an image, planes to pixels.
template <class E>
void interleave(const uint8_t* line, int64_t plane, const BatchOf& of, Shift shift, const Normalised<E>& as,
                E* out) {
  const int64_t width = of.data->width, channels = of.data->channels;
  for (int64_t c = 0; c < channels; ++c, line += plane) {
    E* to = out + c;
    if (shift.x == 0 && !shift.flip) {
      for (int64_t x = 0; x < width; ++x, to += channels) *to = as[line[x]];
      continue;
    }
    for (int64_t x = 0; x < width; ++x, to += channels)
      *to = as[line[mirrored((shift.flip ? width - 1 - x : x) + shift.x, width)]];
  }
}

template <class E>
void images(const BatchOf& of, Element element, E* out, int32_t* labels) {
  const Samples& data = *of.data;
  const Normalised<E> as = normalised<E>(train::kPixelMean, element);
  const int64_t plane = data.height * data.width, image = data.channels * plane;
  const bool as_they_lie = data.channels == 1 && !of.augmentation.any() && element != Element::fp16;
  for_samples(of, [&](int64_t i, uint32_t sample) {
    const uint8_t* const from = data.record(sample);
    E* const to = out + i * image;
    labels[i] = data.label(sample);
    if (as_they_lie) {
      normalise_pixels(from, image, to);
      return;
    }
    const Shift shift = shift_of(of, sample);
    for (int64_t y = 0; y < data.height; ++y) {
      const int64_t line = mirrored(y + shift.y, data.height) * data.width;
      interleave(from + line, plane, of, shift, as, to + y * data.width * data.channels);
    }
  });
}

template <class E>
void clicks(const BatchOf& of, Element element, E* out, int32_t* rows, int32_t* labels) {
  const Samples& data = *of.data;
  const Normalised<E> as = normalised<E>(train::kDenseMean, element);
  const int64_t features = data.dense_features, fields = data.fields;
  for_samples(of, [&](int64_t i, uint32_t sample) {
    std::memcpy(rows + i * fields, data.record(sample), static_cast<size_t>(4 * fields));
    const uint8_t* const from = data.dense(sample);
    for (int64_t f = 0; f < features; ++f) out[i * features + f] = as[from[f]];
    labels[i] = data.label(sample);
  });
}

}  // namespace

void assemble_images(const BatchOf& of, Element element, void* x, int32_t* labels) {
  if (element == Element::fp32) return images(of, element, static_cast<float*>(x), labels);
  images(of, element, static_cast<uint16_t*>(x), labels);
}

void assemble_clicks(const BatchOf& of, Element element, void* x, int32_t* rows, int32_t* labels) {
  if (element == Element::fp32) return clicks(of, element, static_cast<float*>(x), rows, labels);
  clicks(of, element, static_cast<uint16_t*>(x), rows, labels);
}

void assemble_tokens(const BatchOf& of, int32_t* ids, int32_t* next) {
  for (const uint32_t start : of.samples) {
    const uint16_t* from = of.data->tokens(start);
    for (int64_t i = 0; i < of.data->window; ++i) {
      *ids++ = from[i];
      *next++ = from[i + 1];
    }
  }
}

}  // namespace breakeven::cpu
