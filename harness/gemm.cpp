// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/gemm.h"

#include <fmt/format.h>

#include "harness/problem_name.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

constexpr int64_t kMostScale = 60;  // 2^60 times the largest gradient is far inside fp32

std::string fill_suffix(const Gemm& g) {
  if (g.fill == Fill::uniform) return "";
  return fmt::format("+{}{}", name(g.fill), g.scale_log2 ? fmt::format("+scale{}", g.scale_log2) : "");
}

/// Takes `+<fill>[+scale<number>]` off the front.
bool take_fill(std::string_view& text, Gemm& gemm, std::string* why) {
  if (text.empty()) return true;
  std::string_view rest = text;
  take_word(rest, "+");
  const std::string_view word = rest.substr(0, rest.find('+'));
  const auto kind = text.front() == '+' ? parse_fill(word) : std::nullopt;
  if (!kind || *kind == Fill::uniform) {
    *why =
        fmt::format("'{}' left over after m..n..k.. (only '+bias_relu' and a fill, as '+normal', may follow)",
                    shown(text));
    return false;
  }
  gemm.fill = *kind;
  rest.remove_prefix(word.size());
  int64_t scale = 0;
  if (*kind == Fill::wide && take_word(rest, "+scal") && !take_number(rest, 'e', scale, why, kMostScale)) {
    return false;
  }
  gemm.scale_log2 = static_cast<int>(scale);
  text = rest;
  return true;
}

}  // namespace

std::string_view name(Epilogue e) { return e == Epilogue::bias_relu ? "bias_relu" : "none"; }

std::string Gemm::name() const {
  return fmt::format("{}m{}n{}k{}{}{}", batch > 1 ? fmt::format("b{}", batch) : "", m, n, k,
                     epilogue == Epilogue::bias_relu ? "+bias_relu" : "", fill_suffix(*this));
}

Work Gemm::work() const {
  return {2.0 * static_cast<double>(batch) * static_cast<double>(m) * static_cast<double>(n) *
              static_cast<double>(k),
          static_cast<double>(bytes(operands())) + static_cast<double>(bytes(results()))};
}

std::vector<ArrayShape> Gemm::operands() const {
  const Element input = facts(precision).input;
  std::vector<ArrayShape> shapes{{input, {batch, m, k}}, {input, {batch, k, n}}};
  if (epilogue == Epilogue::bias_relu) shapes.push_back({bias_element(), {n}});
  return shapes;
}

std::vector<ArrayShape> Gemm::results() const { return {{facts(precision).output, {batch, m, n}}}; }

Inputs Gemm::inputs(uint64_t seed) const {
  Inputs made;
  for (const ArrayShape& shape : operands()) made.operands.push_back(shape.make());
  breakeven::fill(made.operands[0], precision, fill == Fill::wide ? Fill::uniform : fill, seed, 0);
  breakeven::fill(made.operands[1], precision, fill, seed, 1, scale_log2);
  if (epilogue == Epilogue::bias_relu) {
    fill_uniform(made.operands[2], precision == Precision::fp64 ? Precision::fp64 : Precision::fp32, seed, 2);
  }
  return made;
}

std::optional<Gemm> parse_gemm(std::string_view text, Precision precision, std::string* why) {
  Gemm gemm{.precision = precision};
  if (!take_optional(text, 'b', gemm.batch, why) || !take_number(text, 'm', gemm.m, why) ||
      !take_number(text, 'n', gemm.n, why) || !take_number(text, 'k', gemm.k, why)) {
    return std::nullopt;
  }
  if (take_word(text, "+bias_relu")) gemm.epilogue = Epilogue::bias_relu;
  if (!take_fill(text, gemm, why)) return std::nullopt;
  if (!text.empty()) {
    *why = fmt::format("'{}' left over at the end", shown(text));
    return std::nullopt;
  }
  if (gemm.fill == Fill::wide && precision == Precision::int8) {
    *why = "int8 has no exponent to show the dynamic range of '+wide'";
    return std::nullopt;
  }
  const double b = static_cast<double>(gemm.batch), m = static_cast<double>(gemm.m);
  const double n = static_cast<double>(gemm.n), k = static_cast<double>(gemm.k);
  if (b * m * n > kMostElements || b * m * k > kMostElements || b * k * n > kMostElements) {
    *why = "an operand of more than 2^40 elements";
    return std::nullopt;
  }
  return gemm;
}

}  // namespace breakeven
