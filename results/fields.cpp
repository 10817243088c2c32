// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/fields.h"

#include <fmt/format.h>

#include "results/bounded_json.h"

namespace breakeven {
namespace {

std::string shown(const nlohmann::json& value) {
  if (value.is_array()) return fmt::format("an array of {}", value.size());
  if (value.is_object()) return "an object";
  return value.is_string() ? excerpt(value.get_ref<const std::string&>()) : value.dump();
}

/// Also refuses 64-bit values that do not fit: they arrive as unsigned.
bool is_whole(const nlohmann::json& value) {
  return value.is_number_integer() && (!value.is_number_unsigned() || value.get<uint64_t>() <= INT64_MAX);
}

const nlohmann::json* find(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json::json_pointer where(pointer);
  return document.contains(where) ? &document.at(where) : nullptr;
}

}  // namespace

Fields::Fields(const nlohmann::json& object, std::string path) : object_(object), path_(std::move(path)) {}

void Fields::refuse(std::string_view name, std::string_view expected) const {
  throw InvalidField(fmt::format("'{}{}' is {}, not {}", path_, name, shown(at(name)), expected));
}

const nlohmann::json& Fields::at(std::string_view name) const {
  const auto found = object_.find(std::string(name));
  if (found == object_.end()) throw InvalidField(fmt::format("the field '{}{}' is missing", path_, name));
  return *found;
}

bool Fields::has(std::string_view name) const {
  const auto found = object_.find(std::string(name));
  return found != object_.end() && !found->is_null();
}

bool Fields::contains(std::string_view name) const { return object_.contains(std::string(name)); }

Fields Fields::object(std::string_view name) const {
  if (!at(name).is_object()) refuse(name, "an object");
  return Fields(at(name), fmt::format("{}{}.", path_, name));
}

const nlohmann::json& Fields::array(std::string_view name) const {
  if (!at(name).is_array()) refuse(name, "an array");
  return at(name);
}

std::string Fields::text(std::string_view name) const {
  if (!at(name).is_string()) refuse(name, "a text");
  return at(name).get<std::string>();
}

std::string Fields::text_or_null(std::string_view name) const { return at(name).is_null() ? "" : text(name); }

std::vector<std::string> Fields::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (const nlohmann::json& one : array(name)) {
    if (!one.is_string())
      throw InvalidField(fmt::format("'{}{}' holds {}, not a text", path_, name, shown(one)));
    all.push_back(one.get<std::string>());
  }
  return all;
}

int64_t Fields::whole(std::string_view name, int64_t least, int64_t most) const {
  const nlohmann::json& value = at(name);
  if (!is_whole(value) || value.get<int64_t>() < least || value.get<int64_t>() > most) {
    refuse(name, fmt::format("a whole number of at least {}", least));
  }
  return value.get<int64_t>();
}

double Fields::not_negative(std::string_view name) const {
  const nlohmann::json& value = at(name);
  if (!value.is_number() || !(value.get<double>() >= 0)) refuse(name, "a number of at least 0");
  return value.get<double>();
}

double Fields::not_negative_or(std::string_view name, double when_null) const {
  return at(name).is_null() ? when_null : not_negative(name);
}

void Fields::number_or_null(std::string_view name) const {
  if (!at(name).is_number() && !at(name).is_null()) refuse(name, "a number or null");
}

std::string text_at(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json* found = find(document, pointer);
  return found && found->is_string() ? found->get<std::string>() : "";
}

int64_t whole_at(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json* found = find(document, pointer);
  return found && is_whole(*found) ? found->get<int64_t>() : 0;
}

}  // namespace breakeven
