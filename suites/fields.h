// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/precision.h"
#include "suites/toml_document.h"

namespace breakeven {

// The keys of a suite file, read within bounds. Whatever does not fit is a UsageError (toml_document.h).

/// A text of one line; the key must be there.
std::string text_at(const TomlDocument&, const toml::table&, std::string_view key);
/// The texts of an array with their lines; a missing key is an empty list.
std::vector<std::pair<std::string, uint32_t>> texts_at(const TomlDocument&, const toml::table&,
                                                       std::string_view key);
/// One of `words`, as its place among them; the key must be there.
size_t choice_at(const TomlDocument&, const toml::table&, std::string_view key,
                 std::span<const std::string_view> words);
/// From `least` to `most`; without `otherwise` the key must be there.
int64_t whole_at(const TomlDocument&, const toml::table&, std::string_view key, int64_t least, int64_t most,
                 std::optional<int64_t> otherwise = {});
double number_at(const TomlDocument&, const toml::table&, std::string_view key, double least, double most,
                 std::optional<double> otherwise = {});
bool flag_at(const TomlDocument&, const toml::table&, std::string_view key, bool otherwise);
/// Null when the key is missing.
const toml::table* table_at(const TomlDocument&, const toml::table&, std::string_view key);
/// The key must be there.
const toml::table& required_table_at(const TomlDocument&, const toml::table&, std::string_view key);

/// The key `presets`: names of presets, perhaps none.
std::vector<std::string> presets_of(const TomlDocument&, const toml::table&);
/// The key `precisions`: one or more.
std::vector<Precision> precisions_of(const TomlDocument&, const toml::table&);

}  // namespace breakeven
