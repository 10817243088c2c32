// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/grid.h"

#include <fmt/format.h>

#include "harness/usage_error.h"

namespace breakeven {
namespace {

std::string grid_key(const Axis& axis) { return fmt::format("grid.{}", axis.key); }

/// One value as it stands in a name: `k4096`, `+bias_relu`, or nothing for the word "none".
std::string spell(const TomlDocument& document, const Axis& axis, const toml::node& value) {
  if (axis.kind == AxisKind::number && value.is_integer()) {
    return fmt::format("{}{}", axis.key, value.as_integer()->get());
  }
  if (axis.kind == AxisKind::word && value.is_string()) {
    const std::string& word = value.as_string()->get();
    return word == "none" ? "" : "+" + word;
  }
  document.refuse(line_of(value), grid_key(axis), "has a value of the wrong type",
                  axis.kind == AxisKind::number ? "give a whole number or an array of them"
                                                : "give a word in quotes or an array of them");
}

std::vector<std::string> spellings(const TomlDocument& document, const toml::table& grid, const Axis& axis) {
  const toml::node* value = grid.get(axis.key);
  if (!value) {
    if (axis.need == AxisNeed::optional) return {""};
    document.refuse(line_of(grid), grid_key(axis), "is missing", "give a whole number or an array of them");
  }
  const toml::array* values = value->as_array();
  if (!values) return {spell(document, axis, *value)};
  if (values->empty())
    document.refuse(line_of(*value), grid_key(axis), "is empty", "give at least one value");
  std::vector<std::string> spelt;
  for (const toml::node& one : *values) spelt.push_back(spell(document, axis, one));
  return spelt;
}

}  // namespace

std::vector<std::string> expand_grid(const TomlDocument& document, const toml::table& grid,
                                     const Grammar& grammar) {
  std::vector<std::string_view> known;
  for (const Axis& axis : grammar.axes) known.push_back(axis.key);
  document.allow_only(grid, known);

  std::vector<std::vector<std::string>> parts;
  size_t size = 1;
  for (const Axis& axis : grammar.axes) {
    parts.push_back(spellings(document, grid, axis));
    size *= parts.back().size();  // no overflow: both factors were at most 2^20
    if (size > static_cast<size_t>(kMostProblems)) {
      document.refuse(line_of(grid), "grid", fmt::format("makes more than {} problems", kMostProblems),
                      "give fewer values");
    }
  }
  std::vector<std::string> names{""};
  for (const std::vector<std::string>& part : parts) {
    std::vector<std::string> longer;
    for (const std::string& name : names) {
      for (const std::string& spelt : part) longer.push_back(name + spelt);
    }
    names = std::move(longer);
  }
  return names;
}

}  // namespace breakeven
