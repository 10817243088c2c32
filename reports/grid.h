// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace breakeven {

/// For people at a terminal, or as Markdown.
enum class Style : uint8_t { text, markdown };

/// A table of words: the first column flush left, the others flush right.
struct Grid {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;   // as many words as `head`
};
std::string render(const Grid&, Style);

/// A word from a file, fit to be shown: control characters become '?', and in Markdown `|` is escaped.
std::string shown(const std::string& text, Style);

}  // namespace breakeven
