// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace breakeven {

/// For people at a terminal, or as Markdown.
enum class Style : uint8_t { text, markdown };

/// How columns after the first line up: words flush left as the first does, numbers flush right.
enum class Columns : uint8_t { numbers, words };

struct Grid {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // as many words as `head`
  Columns columns = Columns::numbers;
};
std::string render(const Grid&, Style);

/// A word from a file, fit to be shown: control characters become '?', and in Markdown `|` is escaped.
std::string shown(const std::string& text, Style);

}  // namespace breakeven
