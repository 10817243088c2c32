// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem_name.h"

#include <fmt/format.h>

#include <charconv>

#include "harness/usage_error.h"

namespace breakeven {

bool take_number(std::string_view& text, char letter, int64_t& value, std::string* why, int64_t most,
                 int64_t least) {
  if (text.empty() || text.front() != letter) {
    *why = fmt::format("'{}<number>' expected at '{}'", letter, shown(text));
    return false;
  }
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view digits = text.substr(0, static_cast<size_t>(end - text.data()));
  if (error == std::errc::invalid_argument) {
    *why = fmt::format("{} needs a whole number, not '{}'", letter, shown(text));
    return false;
  }
  if (error != std::errc() || value < least || value > most) {
    *why = fmt::format("{}={} is not between {} and {}", letter, shown(digits), least, most);
    return false;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool take_optional(std::string_view& text, char letter, int64_t& value, std::string* why, int64_t most,
                   int64_t least) {
  if (text.empty() || text.front() != letter) return true;
  return take_number(text, letter, value, why, most, least);
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace breakeven
