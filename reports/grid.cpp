// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/grid.h"

#include <fmt/format.h>

#include <algorithm>

namespace breakeven {
namespace {

/// Columns on a terminal: bytes that start a character in UTF-8.
size_t width(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t columns, bool left) {
  const std::string space(columns - std::min(columns, width(text)), ' ');
  return left ? text + space : space + text;
}

std::string line(const std::vector<std::string>& words, const std::vector<size_t>& widths, Columns columns,
                 Style style) {
  const bool markdown = style == Style::markdown;
  std::string out = markdown ? "| " : "";
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += markdown ? " | " : "  ";
    out += padded(words[i], widths[i], i == 0 || columns == Columns::words);
  }
  if (markdown) return out + " |\n";
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::string rule(const std::vector<size_t>& widths, Columns columns, Style style) {
  std::string out = style == Style::markdown ? "|" : "";
  for (size_t i = 0; i < widths.size(); ++i) {
    if (style == Style::markdown) {
      const bool left = i == 0 || columns == Columns::words;
      out += fmt::format("{}{:-<{}}{}", left ? ":" : "-", "", widths[i], left ? "-|" : ":|");
    } else {
      out += (i > 0 ? "  " : "") + std::string(widths[i], '-');
    }
  }
  return out + "\n";
}

}  // namespace

std::string render(const Grid& grid, Style style) {
  std::vector<size_t> widths;
  for (const std::string& word : grid.head) widths.push_back(width(word));
  for (const auto& row : grid.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out = line(grid.head, widths, grid.columns, style) + rule(widths, grid.columns, style);
  for (const auto& row : grid.rows) out += line(row, widths, grid.columns, style);
  return out;
}

std::string shown(const std::string& text, Style style) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += '?';
    } else {
      if (style == Style::markdown && (c == '|' || c == '<' || c == '&' || c == '`')) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace breakeven
