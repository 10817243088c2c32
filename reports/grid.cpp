// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

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

/// "cuda:0.", "im2col_", "openblas".
std::vector<std::string> parts(const std::string& head) {
  std::vector<std::string> made{""};
  for (const char c : head) {
    made.back() += c;
    if (c == '.' || c == '_') made.emplace_back();
  }
  if (made.back().empty()) made.pop_back();
  return made;
}

/// A head over several lines, none wider than `most` unless a part is. A space at its end ends each.
std::vector<std::string> broken(const std::string& head, size_t most) {
  const bool spaced = head.ends_with(' ');
  std::vector<std::string> lines;
  for (const std::string& part : parts(spaced ? head.substr(0, head.size() - 1) : head)) {
    if (lines.empty() || width(lines.back() + part) + spaced > most) lines.emplace_back();
    lines.back() += part;
  }
  for (std::string& l : lines) l += spaced ? " " : "";
  return lines;
}

/// The lines of all heads, each standing on the rule.
std::vector<std::vector<std::string>> head_lines(const std::vector<std::string>& head,
                                                 const std::vector<size_t>& most) {
  std::vector<std::vector<std::string>> columns;
  size_t lines = 0;
  for (size_t i = 0; i < head.size(); ++i) {
    columns.push_back(broken(head[i], most[i]));
    lines = std::max(lines, columns.back().size());
  }
  std::vector<std::vector<std::string>> made(lines, std::vector<std::string>(head.size()));
  for (size_t i = 0; i < head.size(); ++i) {
    for (size_t l = 0; l < columns[i].size(); ++l) made[lines - columns[i].size() + l][i] = columns[i][l];
  }
  return made;
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
  constexpr size_t kTerminal = 100;  // beyond, heads break
  std::vector<size_t> widths(grid.head.size());
  for (const auto& row : grid.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto below = [&](const std::vector<std::vector<std::string>>& head) {
    std::vector<size_t> made = widths;
    for (const auto& words : head) {
      for (size_t i = 0; i < words.size(); ++i) made[i] = std::max(made[i], width(words[i]));
    }
    return made;
  };
  std::vector<std::vector<std::string>> head{grid.head};
  std::vector<size_t> all = below(head);
  if (style == Style::text && std::accumulate(all.begin(), all.end(), 2 * (all.size() - 1)) > kTerminal) {
    head = head_lines(grid.head, widths);
    all = below(head);
  }
  std::string out;
  for (const auto& words : head) out += line(words, all, grid.columns, style);
  out += rule(all, grid.columns, style);
  for (const auto& row : grid.rows) out += line(row, all, grid.columns, style);
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
