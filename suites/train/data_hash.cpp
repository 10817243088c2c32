// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/data_hash.h"

#include <fmt/format.h>

#include <span>

namespace breakeven::train {
namespace {

struct Fnv1a {
  uint64_t hash = 0xcbf29ce484222325u;

  void add(std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes) add_byte(byte);
  }
  template <class Word>
  void add_words(std::span<const Word> words) {
    for (const Word word : words) {
      for (size_t byte = 0; byte < sizeof word; ++byte) add_byte(static_cast<uint8_t>(word >> (8 * byte)));
    }
  }
  void add_byte(uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3u; }
};

/// What belongs to one sample, of `each` values for every sample.
template <class T>
std::span<const T> part(const std::vector<T>& values, int64_t each, int64_t sample) {
  return {values.data() + sample * each, static_cast<size_t>(each)};
}

}  // namespace

std::string hash_of(const Dataset& data) {
  Fnv1a fnv;
  fnv.add_words<uint16_t>(data.tokens);
  const int64_t labelled = data.kind == DataKind::text ? 0 : data.samples;
  const int64_t pixels = data.channels * data.height * data.width;
  for (int64_t i = 0; i < labelled; ++i) {
    fnv.add_byte(data.labels[static_cast<size_t>(i)]);
    fnv.add(part(data.pixels, pixels, i));
    fnv.add(part(data.dense, data.dense_features, i));
    fnv.add_words(part(data.rows, data.fields, i));
  }
  return fmt::format("{:016x}", fnv.hash);
}

}  // namespace breakeven::train
