// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace breakeven {

/// How one number is stored in memory.
enum class Element : uint8_t { fp64, fp32, bf16, fp16, fp8e4m3, int32, int8, u8 };

/// Names the *inputs* of a problem; what is accumulated in and written out follows from it (`facts`).
enum class Precision : uint8_t { fp64, fp32, tf32, bf16, fp16, fp8e4m3, int8, u8 };

/// What a precision means, for every contender alike.
struct PrecisionFacts {
  std::string_view name;
  Element input;               // tf32 is fp32 in memory, its values rounded to 11 significant bits
  Element output;              // what a contender writes
  double output_roundoff;      // relative error of one rounding to `output`; 0 for exact integers
  double accumulate_roundoff;  // relative error of one addition in the accumulator; 0 for exact integers
  int products_per_rounding;   // products that may be summed before the accumulator rounds once
};

const PrecisionFacts& facts(Precision);
std::span<const Precision> all_precisions();
std::string_view name(Precision);
std::optional<Precision> parse_precision(std::string_view);

std::string_view name(Element);
int64_t bytes(Element);

}  // namespace breakeven
