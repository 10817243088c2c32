// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/fill.h"
#include "harness/inputs.h"
#include "harness/precision.h"

namespace breakeven {

/// What follows the product.
enum class Epilogue : uint8_t { none, bias_relu };
std::string_view name(Epilogue);  // "none", "bias_relu"

/// C[b,m,n] = A[b,m,k] B[b,k,n], all row-major and dense, `batch` of them. With `bias_relu`,
/// C = max(0, A B + bias), where bias[n] is fp32 (fp64 for fp64) and is added before the one rounding to C.
struct Gemm {
  int64_t batch = 1, m = 0, n = 0, k = 0;
  Epilogue epilogue = Epilogue::none;
  Precision precision = Precision::fp32;
  Fill fill = Fill::uniform;  // of A and B; `wide` is B's alone, as gradients are, and A stays uniform
  int scale_log2 = 0;         // of `wide`: B is multiplied by 2^this before it is rounded (loss scaling)

  /// `[b..]m..n..k..[+bias_relu][+<fill>[+scale<0-60>]]`, for example `m4096n4096k4096`,
  /// `b8m128n128k64+bias_relu`, `m512n512k512+zeros`, `m512n512k512+wide+scale12`.
  std::string name() const;
  /// 2 b m n k flops; each operand read once and the result written once.
  Work work() const;
  /// A (stream 0), B (stream 1) and, with `bias_relu`, the bias (stream 2).
  std::vector<ArrayShape> operands() const;
  /// C.
  std::vector<ArrayShape> results() const;
  Inputs inputs(uint64_t seed) const;

  Element bias_element() const { return precision == Precision::fp64 ? Element::fp64 : Element::fp32; }
  int64_t outputs() const { return batch * m * n; }  // elements of C
  bool operator==(const Gemm&) const = default;
};

/// The inverse of `name`; on failure the reason, one phrase that names the offending part.
std::optional<Gemm> parse_gemm(std::string_view text, Precision precision, std::string* why);

}  // namespace breakeven
