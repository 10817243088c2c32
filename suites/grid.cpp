// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/grid.h"

#include <fmt/format.h>

#include "harness/usage_error.h"

namespace breakeven {
namespace {

std::string grid_key(const Axis& axis) { return fmt::format("grid.{}", axis.key); }

bool takes_number(const Axis& axis) {
  return axis.kind == AxisKind::number || axis.kind == AxisKind::worded_number;
}

const char* remedy(const Axis& axis) {
  return takes_number(axis) ? "give a whole number or an array of them"
                            : "give a word in quotes or an array of them";
}

/// One value as it stands in a name: `k4096`, `+bias_relu`, `+scale8`, `fwd-`, or nothing for what a name
/// leaves out.
std::string spell(const TomlDocument& document, const Axis& axis, const toml::node& value) {
  if (takes_number(axis) && value.is_integer()) {
    const int64_t number = value.as_integer()->get();
    if (axis.kind == AxisKind::number) return fmt::format("{}{}", axis.key, number);
    return number == 0 ? "" : fmt::format("+{}{}", axis.key, number);
  }
  if (!takes_number(axis) && value.is_string()) {
    const std::string& word = value.as_string()->get();
    if (axis.kind == AxisKind::leading) return word + "-";
    if (axis.kind == AxisKind::first) return word;
    return word == axis.unspelt ? "" : "+" + word;
  }
  document.refuse(line_of(value), grid_key(axis), "has a value of the wrong type", remedy(axis));
}

std::vector<std::string> spellings(const TomlDocument& document, const toml::table& grid, const Axis& axis) {
  const toml::node* value = grid.get(axis.key);
  if (!value) {
    if (axis.need == AxisNeed::optional) return {""};
    document.refuse(line_of(grid), grid_key(axis), "is missing", remedy(axis));
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
  for (std::string& name : names) {
    if (name.ends_with('-')) name.pop_back();  // a first word alone
  }
  return names;
}

}  // namespace breakeven
