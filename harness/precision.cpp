// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/precision.h"

#include <algorithm>
#include <array>

namespace breakeven {
namespace {

// Round-offs are 2^-p for p significant bits: fp64 53, fp32 24, fp16 11, bf16 8. Tensor Cores accumulate fp8
// products with about 14 significant bits (DeepGEMM issues 37 and 50), hence 2^-13, once per 32 products (the
// depth of one instruction).
constexpr std::array<PrecisionFacts, 8> kFacts{{
    {"fp64", Element::fp64, Element::fp64, 0x1p-53, 0x1p-53, 1},
    {"fp32", Element::fp32, Element::fp32, 0x1p-24, 0x1p-24, 1},
    {"tf32", Element::fp32, Element::fp32, 0x1p-24, 0x1p-23, 1},
    {"bf16", Element::bf16, Element::bf16, 0x1p-8, 0x1p-23, 1},
    {"fp16", Element::fp16, Element::fp16, 0x1p-11, 0x1p-23, 1},
    {"fp8e4m3", Element::fp8e4m3, Element::bf16, 0x1p-8, 0x1p-13, 32},
    {"int8", Element::int8, Element::int32, 0, 0, 1},
    {"u8", Element::u8, Element::u8, 0, 0, 1},
}};

constexpr std::array<Precision, 8> kAll{Precision::fp64, Precision::fp32,    Precision::tf32, Precision::bf16,
                                        Precision::fp16, Precision::fp8e4m3, Precision::int8, Precision::u8};

struct ElementFacts {
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<ElementFacts, 8> kElements{{{"fp64", 8},
                                                 {"fp32", 4},
                                                 {"bf16", 2},
                                                 {"fp16", 2},
                                                 {"fp8e4m3", 1},
                                                 {"int32", 4},
                                                 {"int8", 1},
                                                 {"u8", 1}}};

}  // namespace

const PrecisionFacts& facts(Precision p) { return kFacts[static_cast<size_t>(p)]; }
std::span<const Precision> all_precisions() { return kAll; }
std::string_view name(Precision p) { return facts(p).name; }

std::optional<Precision> parse_precision(std::string_view text) {
  const auto* found = std::ranges::find_if(kAll, [&](Precision p) { return name(p) == text; });
  return found == kAll.end() ? std::nullopt : std::optional(*found);
}

std::string_view name(Element e) { return kElements[static_cast<size_t>(e)].name; }
int64_t bytes(Element e) { return kElements[static_cast<size_t>(e)].bytes; }

}  // namespace breakeven
