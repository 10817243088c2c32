// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/rate_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "harness/median.h"
#include "reports/units.h"

namespace breakeven {
namespace {

// Wider than this, a median is shown with a "~".
constexpr double kWideInterval = 0.03;

std::string contender_of(const Record& r) { return fmt::format("{}.{}", r.device, r.kernel); }
std::string title_of(const Record& r) {
  return fmt::format("{} {}, {}, {} CPU thread{}", r.suite, r.precision, name(r.regime), r.threads,
                     r.threads == 1 ? "" : "s");
}

size_t position(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

/// The launch in the middle; when none is ok, the first one, for its status.
Cell summarise(std::vector<const Record*> launches) {
  std::erase_if(launches, [&, any = std::ranges::any_of(launches, [](auto* r) {
                                return r->status == Status::ok;
                              })](const Record* r) { return any && r->status != Status::ok; });
  if (launches.front()->status != Status::ok || launches.front()->seconds.empty()) return {launches.front()};
  std::vector<double> medians;
  for (const Record* r : launches) medians.push_back(median(r->seconds));
  const auto nearest = std::ranges::min_element(
      launches, {}, [&](const Record* r) { return std::abs(median(r->seconds) - median(medians)); });
  if (launches.size() == 1) {
    const MedianInterval interval = median_interval(launches.front()->seconds);
    return {*nearest, interval.median, interval.low, interval.high};
  }
  const auto [least, greatest] = std::ranges::minmax(medians);
  return {*nearest, median(medians), least, greatest};
}

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
  return fmt::format("{}{}{}", cell.record->interval > kWideInterval ? "~" : "",
                     three_digits(cell.rate() / 1e9), fastest ? "*" : " ");
}

const Cell* fastest_of(const std::vector<Cell>& row) {
  const auto best = std::ranges::max_element(row, {}, &Cell::rate);
  return best != row.end() && best->rate() > 0 ? &*best : nullptr;
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

std::vector<std::string> summary_words(const RateTable& table, const Cell* best) {
  if (!best) return {"", "", ""};
  const Record& r = *best->record;
  const double peak = highest(table, r.device, &Record::peak_flops);
  const double copy = highest(table, r.device, &Record::copy_rate);
  return {
      format_seconds(best->seconds),
      peak > 0 ? fmt::format("{}{}", r.peak_attainable ? "" : "~", format_share(best->rate() / peak)) : "n/a",
      copy > 0 ? format_share(r.bytes / best->seconds / copy) : "n/a"};
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

std::vector<RateTable> rate_tables(const std::vector<Record>& records) {
  std::vector<std::string> titles;
  std::map<std::string, std::vector<const Record*>> by_title;
  for (const Record& r : records) by_title[titles[position(titles, title_of(r))]].push_back(&r);
  std::vector<RateTable> tables;
  for (const std::string& title : titles) {
    const bool integers = by_title[title].front()->precision == "int8";
    RateTable table{title, integers ? "GOP/s" : "GFLOP/s", {}, {}, {}};
    std::map<std::pair<size_t, size_t>, std::vector<const Record*>> launches;
    std::vector<const Record*> sorted = by_title[title];
    std::ranges::stable_sort(sorted, {}, [](const Record* r) { return r->flops; });
    for (const Record* r : by_title[title]) position(table.contenders, contender_of(*r));
    for (const Record* r : sorted) {
      launches[{position(table.problems, r->problem), position(table.contenders, contender_of(*r))}]
          .push_back(r);
    }
    table.cells.assign(table.problems.size(), std::vector<Cell>(table.contenders.size()));
    for (const auto& [at, runs] : launches) table.cells[at.first][at.second] = summarise(runs);
    tables.push_back(std::move(table));
  }
  return tables;
}

bool has_contest(const RateTable& table) {
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    if (answered(table, c) && !table.contenders[c].ends_with(".judge")) return true;
  }
  return false;
}

std::string render(const RateTable& table, Style style) {
  const bool rates = !only_checked(table);
  Grid grid{{rates ? table.operations : "checked, not timed"}, {}, Columns::numbers};
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    if (!answered(table, c)) continue;
    columns.push_back(c);
    grid.head.push_back(shown(table.contenders[c], style) + " ");
  }
  if (rates) grid.head.insert(grid.head.end(), {"fastest", "of peak", "of copy"});
  for (size_t p = 0; p < table.problems.size(); ++p) {
    const Cell* best = fastest_of(table.cells[p]);
    std::vector<std::string> row{shown(table.problems[p], style)};
    for (size_t c : columns) row.push_back(word(table.cells[p][c], &table.cells[p][c] == best));
    if (rates) std::ranges::move(summary_words(table, best), std::back_inserter(row));
    grid.rows.push_back(std::move(row));
  }
  const std::string title = shown(table.title, style);
  std::string out = style == Style::markdown ? "### " + title + "\n\n" : title + "\n";
  if (!columns.empty()) out += render(grid, style);
  return out + skipped(table, style);
}

}  // namespace breakeven
