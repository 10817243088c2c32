// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/suite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/usage_error.h"
#include "suites/grid.h"

namespace breakeven {
namespace {

constexpr std::array<std::string_view, 2> kFileKeys{"suite", "problems"};
constexpr std::array<std::string_view, 6> kSetKeys{"name",       "source", "presets",
                                                   "precisions", "shapes", "grid"};

std::string text_at(const TomlDocument& document, const toml::table& table, std::string_view key) {
  const toml::node* value = table.get(key);
  if (!value) document.refuse(line_of(table), key, "is missing", "add it as a text in quotes");
  const toml::value<std::string>* text = value->as_string();
  if (!text || text->get().empty()) {
    document.refuse(line_of(*value), key, "is not a text", "give it in quotes");
  }
  const std::string& found = text->get();
  if (std::ranges::any_of(found, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    document.refuse(line_of(*value), key, "holds a control character", "use plain text on one line");
  }
  return found;
}

/// The texts of an array with their lines; a missing key is an empty list.
std::vector<std::pair<std::string, uint32_t>> texts_at(const TomlDocument& document, const toml::table& table,
                                                       std::string_view key) {
  const toml::node* value = table.get(key);
  if (!value) return {};
  const toml::array* array = value->as_array();
  if (!array || array->empty()) {
    document.refuse(line_of(*value), key, "is not a list of texts",
                    "give one or more texts in quotes inside [ ]");
  }
  std::vector<std::pair<std::string, uint32_t>> found;
  for (const toml::node& one : *array) {
    if (!one.is_string())
      document.refuse(line_of(one), key, "holds something that is not a text", "put it in quotes");
    found.emplace_back(one.as_string()->get(), line_of(one));
  }
  return found;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& names) {
  const auto near = nearest(text, names);
  return near ? fmt::format("did you mean '{}'?", *near)
              : fmt::format("choose from {}", fmt::join(names, ", "));
}

std::vector<std::string> presets_of(const TomlDocument& document, const toml::table& table) {
  std::vector<std::string> chosen, names;
  for (const Preset& p : presets()) names.push_back(p.name);
  for (const auto& [text, line] : texts_at(document, table, "presets")) {
    if (!find_preset(text)) {
      document.refuse(line, "presets", fmt::format("has '{}', which is no preset", shown(text)),
                      did_you_mean(text, names));
    }
    chosen.push_back(text);
  }
  return chosen;
}

std::vector<Precision> precisions_of(const TomlDocument& document, const toml::table& table) {
  std::vector<Precision> chosen;
  std::vector<std::string> names;
  for (const Precision p : all_precisions()) names.emplace_back(name(p));
  for (const auto& [text, line] : texts_at(document, table, "precisions")) {
    const auto precision = parse_precision(text);
    if (!precision) {
      document.refuse(line, "precisions", fmt::format("has '{}', which is no precision", shown(text)),
                      did_you_mean(text, names));
    }
    chosen.push_back(*precision);
  }
  if (chosen.empty()) {
    document.refuse(line_of(table), "precisions", "is missing",
                    "add a list, for example [\"fp32\", \"bf16\"]");
  }
  return chosen;
}

/// A problem's name, the key it came from and its line.
struct Shape {
  std::string name;
  std::string_view key;
  uint32_t line;
};

std::vector<Shape> shapes_of(const TomlDocument& document, const toml::table& table, const Grammar& grammar) {
  std::vector<Shape> found;
  for (auto& [text, line] : texts_at(document, table, "shapes"))
    found.push_back({std::move(text), "shapes", line});
  if (const toml::node* grid = table.get("grid")) {
    if (!grid->is_table()) {
      document.refuse(line_of(*grid), "grid", "is not a table", "write { key = value, ... }");
    }
    for (std::string& name : expand_grid(document, *grid->as_table(), grammar)) {
      found.push_back({std::move(name), "grid", line_of(*grid)});
    }
  }
  if (found.empty()) {
    document.refuse(line_of(table), "shapes", "is missing, and so is 'grid'",
                    fmt::format("add one, for example shapes = [\"{}\"]", grammar.example));
  }
  return found;
}

ProblemSet read_set(const TomlDocument& document, const toml::table& table, const Grammar& grammar,
                    int64_t room) {
  document.allow_only(table, kSetKeys);
  ProblemSet set{.name = text_at(document, table, "name"),
                 .source = table.contains("source") ? text_at(document, table, "source") : "",
                 .presets = presets_of(document, table),
                 .problems = {}};
  const std::vector<Precision> precisions = precisions_of(document, table);
  const std::vector<Shape> shapes = shapes_of(document, table, grammar);
  if (static_cast<int64_t>(shapes.size() * precisions.size()) > room) {
    document.refuse(line_of(table), "problems",
                    fmt::format("makes more than {} problems in one file", kMostProblems),
                    "split the file or give fewer");
  }
  for (const Shape& shape : shapes) {
    for (const Precision precision : precisions) {
      std::string why;
      std::optional<Problem> problem = grammar.parse(shape.name, precision, &why);
      if (!problem) {
        document.refuse(shape.line, shape.key,
                        fmt::format("has '{}' in {}, which is no {} problem ({})", shown(shape.name),
                                    name(precision), grammar.suite, why),
                        fmt::format("correct it, for example {}", grammar.example));
      }
      set.problems.push_back(std::move(*problem));
    }
  }
  return set;
}

const toml::array& sets_of(const TomlDocument& document) {
  const toml::node* problems = document.root.get("problems");
  if (!problems) document.refuse(1, "problems", "is missing", "add at least one [[problems]] table");
  if (!problems->is_array_of_tables()) {
    document.refuse(line_of(*problems), "problems", "is not a list of tables", "write it as [[problems]]");
  }
  return *problems->as_array();
}

}  // namespace

SuiteFile read_suite(const TomlDocument& document) {
  document.allow_only(document.root, kFileKeys);
  SuiteFile file{text_at(document, document.root, "suite"), {}};
  std::string why;
  const Grammar* grammar = find_grammar(file.suite, &why);
  if (!grammar)
    document.refuse(line_of(*document.root.get("suite")), "suite", "is not usable: " + why,
                    "name a suite that there is");

  int64_t room = kMostProblems;
  std::map<std::string, uint32_t> names;  // -> line
  for (const toml::node& node : sets_of(document)) {
    const toml::table& table = *node.as_table();
    ProblemSet set = read_set(document, table, *grammar, room);
    room -= static_cast<int64_t>(set.problems.size());
    const uint32_t line = line_of(*table.get("name"));
    const auto [twin, is_new] = names.emplace(set.name, line);
    if (!is_new) {
      document.refuse(line, "name",
                      fmt::format("has '{}', which stands already in line {}", shown(set.name), twin->second),
                      "choose another");
    }
    file.sets.push_back({std::move(set), line});
  }
  return file;
}

}  // namespace breakeven
