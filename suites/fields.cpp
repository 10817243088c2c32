// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "suites/suites.h"

namespace breakeven {
namespace {

std::string did_you_mean(std::string_view text, const std::vector<std::string>& names) {
  const auto near = nearest(text, names);
  return near ? fmt::format("did you mean '{}'?", *near)
              : fmt::format("choose from {}", fmt::join(names, ", "));
}

/// The value of a key, or null where it is missing and may be.
const toml::node* value_at(const TomlDocument& document, const toml::table& table, std::string_view key,
                           bool may_be_missing, std::string_view remedy) {
  const toml::node* value = table.get(key);
  if (!value && !may_be_missing) document.refuse(line_of(table), key, "is missing", remedy);
  return value;
}

}  // namespace

std::string text_at(const TomlDocument& document, const toml::table& table, std::string_view key) {
  const toml::node* value = value_at(document, table, key, false, "add it as a text in quotes");
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

size_t choice_at(const TomlDocument& document, const toml::table& table, std::string_view key,
                 std::span<const std::string_view> words) {
  const std::string text = text_at(document, table, key);
  const auto found = std::ranges::find(words, text);
  if (found == words.end()) {
    document.refuse(line_of(*table.get(key)), key, fmt::format("is '{}', which is not known", shown(text)),
                    did_you_mean(text, {words.begin(), words.end()}));
  }
  return static_cast<size_t>(found - words.begin());
}

int64_t whole_at(const TomlDocument& document, const toml::table& table, std::string_view key, int64_t least,
                 int64_t most, std::optional<int64_t> otherwise) {
  const std::string remedy = fmt::format("give a whole number from {} to {}", least, most);
  const toml::node* value = value_at(document, table, key, otherwise.has_value(), remedy);
  if (!value) return *otherwise;
  if (!value->is_integer()) document.refuse(line_of(*value), key, "is not a whole number", remedy);
  const int64_t number = value->as_integer()->get();
  if (number < least || number > most)
    document.refuse(line_of(*value), key, fmt::format("is {}", number), remedy);
  return number;
}

double number_at(const TomlDocument& document, const toml::table& table, std::string_view key, double least,
                 double most, std::optional<double> otherwise) {
  const std::string remedy = fmt::format("give a number from {} to {}", least, most);
  const toml::node* value = value_at(document, table, key, otherwise.has_value(), remedy);
  if (!value) return *otherwise;
  if (!value->is_number()) document.refuse(line_of(*value), key, "is not a number", remedy);
  const double number = value->value<double>().value_or(least);
  // Not "number < least || ...": that would let NaN pass.
  if (!(number >= least && number <= most))
    document.refuse(line_of(*value), key, fmt::format("is {}", number), remedy);
  return number;
}

bool flag_at(const TomlDocument& document, const toml::table& table, std::string_view key, bool otherwise) {
  const toml::node* value = table.get(key);
  if (!value) return otherwise;
  if (!value->is_boolean())
    document.refuse(line_of(*value), key, "is neither true nor false", "give one of them");
  return value->as_boolean()->get();
}

const toml::table* table_at(const TomlDocument& document, const toml::table& table, std::string_view key) {
  const toml::node* value = table.get(key);
  if (value && !value->is_table()) {
    document.refuse(line_of(*value), key, "is not a table", "write { key = value, ... }");
  }
  return value ? value->as_table() : nullptr;
}

const toml::table& required_table_at(const TomlDocument& document, const toml::table& table,
                                     std::string_view key) {
  const toml::table* found = table_at(document, table, key);
  if (!found) document.refuse(line_of(table), key, "is missing", "add it as { key = value, ... }");
  return *found;
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

}  // namespace breakeven
