// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace breakeven {

/// A TOML text from a person, read within bounds. Every refusal is a UsageError of one sentence: file, line,
/// key, what is wrong, what to do.
struct TomlDocument {
  std::string file;  // as messages name it
  toml::table root;

  [[noreturn]] void refuse(uint32_t line, std::string_view key, std::string_view what,
                           std::string_view remedy) const;
  /// Refuses the first key of `table` that is not among `known`, naming the nearest that is.
  void allow_only(const toml::table& table, std::span<const std::string_view> known) const;
};

TomlDocument parse_toml(std::string file, std::string_view text);
/// Throws likewise when the file is missing, no regular file, unreadable or larger than 1 MiB.
TomlDocument read_toml(const std::filesystem::path& file);

uint32_t line_of(const toml::node& node);

}  // namespace breakeven
