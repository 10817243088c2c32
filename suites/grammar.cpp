// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/usage_error.h"
#include "suites/suites.h"

namespace breakeven {
namespace {

constexpr std::array<Axis, 5> kGemmAxes{{{"b", AxisKind::number, AxisNeed::optional},
                                         {"m", AxisKind::number, AxisNeed::required},
                                         {"n", AxisKind::number, AxisNeed::required},
                                         {"k", AxisKind::number, AxisNeed::required},
                                         {"epilogue", AxisKind::word, AxisNeed::optional}}};

std::optional<Problem> parse_gemm_problem(std::string_view problem, Precision precision, std::string* why) {
  if (precision == Precision::u8) {
    *why = "u8 is for plain bytes, not for products";
    return std::nullopt;
  }
  return parse_gemm(problem, precision, why);
}

constexpr std::array<Grammar, 1> kGrammars{{
    {"gemm", "Which device multiplies matrices sooner, at which sizes and in which precisions?",
     "m4096n4096k4096", kGemmAxes, parse_gemm_problem},
}};

}  // namespace

std::span<const Grammar> grammars() { return kGrammars; }

const Grammar* find_grammar(std::string_view suite, std::string* why) {
  const auto* found = std::ranges::find(kGrammars, suite, &Grammar::suite);
  if (found != kGrammars.end()) return found;
  std::vector<std::string> names;
  for (const Grammar& g : kGrammars) names.emplace_back(g.suite);
  const auto near = nearest(suite, names);
  *why = near ? fmt::format("there is no suite '{}' (did you mean '{}'?)", shown(suite), *near)
              : fmt::format("there is no suite '{}' (there is: {})", shown(suite), fmt::join(names, ", "));
  return nullptr;
}

std::optional<Problem> parse_problem(std::string_view suite, std::string_view problem, Precision precision,
                                     std::string* why) {
  const Grammar* grammar = find_grammar(suite, why);
  return grammar ? grammar->parse(problem, precision, why) : std::nullopt;
}

}  // namespace breakeven
