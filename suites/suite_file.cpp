// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/suite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/usage_error.h"
#include "suites/fields.h"
#include "suites/grid.h"
#include "suites/train/workloads.h"

namespace breakeven {
namespace {

constexpr std::array<std::string_view, 2> kFileKeys{"suite", "problems"};
constexpr std::array<std::string_view, 3> kTrainFileKeys{"suite", "workloads", "problems"};
constexpr std::array<std::string_view, 6> kSetKeys{"name",       "source", "presets",
                                                   "precisions", "shapes", "grid"};

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

/// The sets of [[problems]].
std::vector<PlacedSet> problem_sets(const TomlDocument& document, const Grammar& grammar) {
  const toml::node* problems = document.root.get("problems");
  if (!problems)
    document.refuse(1, "problems", "is missing",
                    grammar.suite == "train" ? "add at least one [[workloads]] or [[problems]] table"
                                             : "add at least one [[problems]] table");
  if (!problems->is_array_of_tables()) {
    document.refuse(line_of(*problems), "problems", "is not a list of tables", "write it as [[problems]]");
  }
  std::vector<PlacedSet> sets;
  int64_t room = kMostProblems;
  for (const toml::node& node : *problems->as_array()) {
    const toml::table& table = *node.as_table();
    ProblemSet set = read_set(document, table, grammar, room);
    room -= static_cast<int64_t>(set.problems.size());
    sets.push_back({std::move(set), line_of(*table.get("name"))});
  }
  return sets;
}

void refuse_twins(const TomlDocument& document, const std::vector<PlacedSet>& sets) {
  std::map<std::string, uint32_t> names;  // -> line
  for (const PlacedSet& placed : sets) {
    const auto [twin, is_new] = names.emplace(placed.set.name, placed.line);
    if (!is_new) {
      document.refuse(
          placed.line, "name",
          fmt::format("has '{}', which stands already in line {}", shown(placed.set.name), twin->second),
          "choose another");
    }
  }
}

/// The sets of [[workloads]]: one for each, in each of its precisions. All are read before one is known.
std::vector<PlacedSet> workload_sets(const TomlDocument& document) {
  const std::vector<train::PlacedWorkload> all = train::read_workloads(document);
  std::vector<PlacedSet> sets;
  for (const train::PlacedWorkload& placed : all)
    sets.push_back({{placed.workload.name, placed.workload.summary, placed.presets, {}}, placed.line});
  refuse_twins(document, sets);
  for (size_t i = 0; i < all.size(); ++i) {
    const auto workload = train::enrol(document, all[i]);
    for (const Precision p : all[i].precisions) sets[i].set.problems.push_back(TrainTask{workload, 0, p});
  }
  return sets;
}

}  // namespace

SuiteFile read_suite(const TomlDocument& document) {
  const bool trains = document.root.get("suite") && document.root["suite"].value_or(std::string()) == "train";
  document.allow_only(document.root, trains ? std::span<const std::string_view>(kTrainFileKeys) : kFileKeys);
  SuiteFile file{text_at(document, document.root, "suite"), {}};
  std::string why;
  const Grammar* grammar = find_grammar(file.suite, &why);
  if (!grammar)
    document.refuse(line_of(*document.root.get("suite")), "suite", "is not usable: " + why,
                    "name a suite that there is");
  if (trains) file.sets = workload_sets(document);
  if (file.sets.empty() || document.root.contains("problems")) {
    for (PlacedSet& placed : problem_sets(document, *grammar)) file.sets.push_back(std::move(placed));
  }
  refuse_twins(document, file.sets);
  return file;
}

}  // namespace breakeven
