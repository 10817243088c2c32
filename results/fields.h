// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace breakeven {

/// A field that is missing or not what the contract says. The message is a phrase that names it and shows its
/// value.
struct InvalidField : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The fields of one JSON object, each read as one type or refused; never converted.
class Fields {
 public:
  /// `path` is how messages name the object: "" for a line, "check." for its field check.
  explicit Fields(const nlohmann::json& object, std::string path = {});

  const nlohmann::json& at(std::string_view name) const;  // throws InvalidField when it is missing
  bool has(std::string_view name) const;                  // there and not null
  bool contains(std::string_view name) const;             // there, if only as null
  Fields object(std::string_view name) const;
  const nlohmann::json& array(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::string text_or_null(std::string_view name) const;  // "" for null
  std::vector<std::string> texts(std::string_view name) const;
  int64_t whole(std::string_view name, int64_t least, int64_t most = INT64_MAX) const;
  double not_negative(std::string_view name) const;
  double not_negative_or(std::string_view name, double when_null) const;
  void number_or_null(std::string_view name) const;

  /// "'<path><name>' is <value>, not <expected>"
  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const;

 private:
  const nlohmann::json& object_;
  std::string path_;
};

/// Values that a page or an export shows and can do without: the fallback when missing or of another type.
std::string text_at(const nlohmann::json&, const char* pointer);
int64_t whole_at(const nlohmann::json&, const char* pointer);  // 0

}  // namespace breakeven
