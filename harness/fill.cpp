// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/fill.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "harness/operand.h"

namespace breakeven {
namespace {

constexpr std::array<std::pair<Fill, std::string_view>, 6> kNames{{{Fill::uniform, "uniform"},
                                                                   {Fill::normal, "normal"},
                                                                   {Fill::integers, "integers"},
                                                                   {Fill::constant, "constant"},
                                                                   {Fill::zeros, "zeros"},
                                                                   {Fill::wide, "wide"}}};

/// Element `index`, exact in fp32: integer arithmetic and one exact scaling.
float value_of(Fill kind, uint64_t seed, uint64_t stream, uint64_t index) {
  switch (kind) {
    case Fill::normal: {
      const PhiloxBlock block = philox(seed, index, stream);
      int32_t sum = 0;  // of eight 16-bit draws: 19 bits
      for (const uint32_t word : block.word) sum += static_cast<int32_t>((word & 0xFFFF) + (word >> 16));
      return static_cast<float>(sum - 4 * 0xFFFF) * 0x1p-18f;
    }
    case Fill::integers:
      return static_cast<float>(static_cast<int>((uint64_t{uniform_word(seed, stream, index)} * 5) >> 32) -
                                2);
    case Fill::constant:
      return 0.5f;
    case Fill::zeros:
      return 0;
    case Fill::wide: {
      const uint32_t word = uniform_word(seed, stream, index);
      const int exponent = static_cast<int>(((word >> 19) * 30u) >> 13) - 34;
      const uint32_t sign = (word >> 18 & 1u) << 31, mantissa = (word & 0x3FFFFu) << 5;
      return std::bit_cast<float>(sign | static_cast<uint32_t>(exponent + 127) << 23 | mantissa);
    }
    case Fill::uniform:
      break;
  }
  return uniform_fp32(uniform_word(seed, stream, index));
}

void store(Precision precision, Fill kind, float value, std::byte* to) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto put = [to](auto x) { std::memcpy(to, &x, sizeof x); };
  switch (precision) {
    case Precision::fp64:
      return put(static_cast<double>(value));
    case Precision::fp32:
      return put(value);
    case Precision::tf32:
      return put(to_tf32(bits));
    case Precision::bf16:
      return put(to_bf16(bits));
    case Precision::fp16:
      return put(to_fp16(bits));
    case Precision::fp8e4m3:
      return put(to_fp8e4m3(bits));
    case Precision::int8: {
      const double scaled = kind == Fill::integers ? value : value * kInt8Scale;
      return put(static_cast<int8_t>(std::clamp(std::floor(scaled + 0.5), -127.0, 127.0)));
    }
    case Precision::u8:
      return put(static_cast<uint8_t>(std::clamp(value * 255.0f, 0.0f, 255.0f)));
  }
}

}  // namespace

std::string_view name(Fill kind) {
  return std::ranges::find(kNames, kind, &std::pair<Fill, std::string_view>::first)->second;
}

std::optional<Fill> parse_fill(std::string_view text) {
  const auto* found = std::ranges::find(kNames, text, &std::pair<Fill, std::string_view>::second);
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

void fill(Tensor& t, Precision precision, Fill kind, uint64_t seed, uint64_t stream, int scale_log2) {
  if (kind == Fill::uniform && scale_log2 == 0) return fill_uniform(t, precision, seed, stream);
  const int64_t size = t.size(), each = bytes(t.element());
  const float scale = std::ldexp(1.0f, scale_log2);
#pragma omp parallel for schedule(static) if (size > 1 << 14)
  for (int64_t i = 0; i < size; ++i) {
    store(precision, kind, value_of(kind, seed, stream, static_cast<uint64_t>(i)) * scale,
          t.data() + i * each);
  }
}

}  // namespace breakeven
