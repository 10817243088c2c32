// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "reports/rate_table.h"
#include "reports/units.h"

// How a table looks.

namespace breakeven {
namespace {

// Wider than this, a median is shown with a "~".
constexpr double kWideInterval = 0.03;

std::string word(const Cell& cell, bool fastest) {
  if (!cell.record) return "";
  switch (cell.record->status) {
    case Status::ok:
      break;
    case Status::skipped:
      return "-";
    case Status::wrong:
      return "WRONG";
    default:
      return std::string(name(cell.record->status));
  }
  if (cell.seconds <= 0) return "right ";  // checked, never timed
  const double much = amount(*cell.record);
  return fmt::format("{}{}{}", cell.record->interval > kWideInterval ? "~" : "",
                     much > 0 ? three_digits(much / cell.seconds / 1e9) : format_seconds(cell.seconds),
                     fastest ? "*" : " ");
}

const Cell* fastest_of(const std::vector<Cell>& row) {
  const Cell* best = nullptr;
  for (const Cell& cell : row) {
    if (cell.seconds > 0 && (!best || cell.seconds < best->seconds)) best = &cell;
  }
  return best;
}

/// The highest rate any record of this device holds: each launch probes anew, and a probe can only read too
/// low.
double highest(const RateTable& table, const std::string& device, double Record::*rate) {
  double best = 0;
  for (const auto& row : table.cells) {
    for (const Cell& cell : row) {
      if (cell.record && cell.record->device == device) best = std::max(best, cell.record->*rate);
    }
  }
  return best;
}

/// What stands beside the cells of a row: of memory, no share of an arithmetic peak; of transfers, none of
/// the rate of a copy in memory either.
struct Summary {
  bool peak, copy;
};
Summary summary_of(const RateTable& table) {
  const auto any = [&](auto&& test) {
    return std::ranges::any_of(table.cells, [&](const auto& row) {
      return std::ranges::any_of(row, [&](const Cell& c) { return c.record && test(*c.record); });
    });
  };
  return {.peak = any([](const Record& r) { return counted(r) == Counted::operations; }),
          .copy = any([](const Record& r) { return r.suite != "transfer"; })};
}

std::vector<std::string> head_of(Summary summary) {
  std::vector<std::string> head{"fastest"};
  if (summary.peak) head.emplace_back("of peak");
  if (summary.copy) head.emplace_back("of copy");
  return head;
}

std::vector<std::string> summary_words(const RateTable& table, const Cell* best, Summary summary) {
  if (!best) return std::vector<std::string>(head_of(summary).size());
  const Record& r = *best->record;
  const double peak = highest(table, r.device, &Record::peak_flops);
  const double copy = highest(table, r.device, &Record::copy_rate);
  std::vector<std::string> words{format_seconds(best->seconds)};
  if (summary.peak) {
    words.push_back(peak > 0 ? fmt::format("{}{}", r.peak_attainable ? "" : "~",
                                           format_share(r.flops / best->seconds / peak))
                             : "n/a");
  }
  if (summary.copy) words.push_back(copy > 0 ? format_share(r.bytes / best->seconds / copy) : "n/a");
  return words;
}

/// Whether there are answers and none has a time: an emulated device's.
bool only_checked(const RateTable& table) {
  bool checked = false;
  for (const auto& row : table.cells) {
    for (const Cell& cell : row) {
      if (cell.seconds > 0) return false;
      checked |= cell.record && cell.record->status == Status::ok;
    }
  }
  return checked;
}

bool answered(const RateTable& table, size_t contender) {
  return std::ranges::any_of(table.cells, [&](const auto& row) {
    return row[contender].record && row[contender].record->status != Status::skipped;
  });
}

std::string grid_of(const RateTable& table, Style style) {
  const bool rates = !only_checked(table);
  Grid grid{{rates ? table.unit : "checked, not timed"}, {}, Columns::numbers};
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    if (!answered(table, c)) continue;
    columns.push_back(c);
    grid.head.push_back(shown(table.contenders[c], style) + " ");
  }
  const Summary summary = summary_of(table);
  if (rates) std::ranges::move(head_of(summary), std::back_inserter(grid.head));
  for (size_t p = 0; p < table.problems.size(); ++p) {
    const Cell* best = fastest_of(table.cells[p]);
    std::vector<std::string> row{shown(table.problems[p], style)};
    for (size_t c : columns) row.push_back(word(table.cells[p][c], &table.cells[p][c] == best));
    if (rates) std::ranges::move(summary_words(table, best, summary), std::back_inserter(row));
    grid.rows.push_back(std::move(row));
  }
  return columns.empty() ? "" : render(grid, style);
}

/// Transfers do not compete: each route has its own contender, so a line an answer.
std::string list_of(const RateTable& table, Style style) {
  Grid grid{{"transfer", "by", only_checked(table) ? "checked, not timed" : table.unit, "time"}, {}, {}};
  for (size_t p = 0; p < table.problems.size(); ++p) {
    for (size_t c = 0; c < table.contenders.size(); ++c) {
      const Cell& cell = table.cells[p][c];
      if (!cell.record || cell.record->status == Status::skipped) continue;
      const bool latency = cell.seconds > 0 && amount(*cell.record) == 0;
      grid.rows.push_back({shown(table.problems[p], style), shown(table.contenders[c], style),
                           latency ? "" : word(cell, false),
                           cell.seconds > 0 ? format_seconds(cell.seconds) : ""});
    }
  }
  return grid.rows.empty() ? "" : render(grid, style);
}

}  // namespace

std::string skipped(const RateTable& table, Style style) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    size_t asked = 0, without = 0;
    const Record* first = nullptr;
    for (const auto& row : table.cells) {
      asked += row[c].record != nullptr;
      if (!row[c].record || row[c].record->status != Status::skipped) continue;
      ++without;
      if (!first) first = row[c].record;
    }
    if (!first) continue;
    const std::string who = shown(table.contenders[c], style);
    by_reason[first->reason].push_back(without == asked ? who
                                                        : fmt::format("{} ({} of {})", who, without, asked));
  }
  std::string out;
  for (const auto& [reason, names] : by_reason) {
    out += fmt::format("{}skipped {}: {}\n", style == Style::markdown ? "\n" : "  ", fmt::join(names, ", "),
                       shown(reason, style));
  }
  return out;
}

bool has_contest(const RateTable& table) {
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    if (answered(table, c) && !table.contenders[c].ends_with(".judge")) return true;
  }
  return false;
}

std::string render(const RateTable& table, Style style) {
  const std::string title = shown(table.title, style);
  const std::string out = style == Style::markdown ? "### " + title + "\n\n" : title + "\n";
  const bool list = !summary_of(table).copy;
  return out + (list ? list_of(table, style) : grid_of(table, style)) + skipped(table, style);
}

}  // namespace breakeven
