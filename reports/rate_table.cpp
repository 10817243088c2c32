// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/rate_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/median.h"
#include "reports/units.h"

namespace breakeven {
namespace {

std::string contender_of(const Record& r) { return fmt::format("{}.{}", r.device, r.kernel); }

/// "fwd", "softmax", "h2d_pinned"; "" for a product, whose name has no first word.
std::string first_word(const Record& r) {
  const size_t dash = r.problem.find('-');
  return dash != std::string::npos ? r.problem.substr(0, dash) : amount(r) == 0 ? r.problem : "";
}

std::string title_of(const Record& r, const std::string& part) {
  return fmt::format("{}{} {}, {}, {} CPU thread{}", r.suite, part, r.precision, name(r.regime), r.threads,
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

/// By work; what counts bytes by operation, as the file has them, and then by bytes.
void order(std::vector<const Record*>& records) {
  std::vector<std::string> operations;
  std::map<const Record*, size_t> place;
  for (const Record* r : records) {
    place[r] = counted(*r) == Counted::bytes ? position(operations, first_word(*r)) : 0;
  }
  std::ranges::stable_sort(records, {}, [&](const Record* r) { return std::pair(place[r], amount(*r)); });
}

RateTable table_of(const std::string& title, std::vector<const Record*> records) {
  const Record& first = *records.front();
  RateTable table{title, "", {}, {}, {}};
  table.unit = counted(first) == Counted::bytes ? "GB/s" : first.precision == "int8" ? "GOP/s" : "GFLOP/s";
  for (const Record* r : records) position(table.contenders, contender_of(*r));
  order(records);
  std::map<std::pair<size_t, size_t>, std::vector<const Record*>> launches;
  for (const Record* r : records) {
    launches[{position(table.problems, r->problem), position(table.contenders, contender_of(*r))}].push_back(
        r);
  }
  table.cells.assign(table.problems.size(), std::vector<Cell>(table.contenders.size()));
  for (const auto& [at, runs] : launches) table.cells[at.first][at.second] = summarise(runs);
  return table;
}

/// Records by the title of their table, in the order of the file. Convolutions of several directions share
/// one while it is short.
std::vector<std::pair<std::string, std::vector<const Record*>>> by_table(const std::vector<Record>& records) {
  constexpr size_t kLong = 30;  // rows
  std::map<std::string, std::set<std::string>> problems;
  for (const Record& r : records) problems[title_of(r, "")].insert(r.problem);
  std::vector<std::string> titles;
  std::vector<std::pair<std::string, std::vector<const Record*>>> tables;
  for (const Record& r : records) {
    if (r.suite == "train") continue;  // train_table.h
    const bool split = r.suite == "conv" && problems[title_of(r, "")].size() >= kLong;
    const std::string title = title_of(r, split ? " " + first_word(r) : "");
    const size_t at = position(titles, title);
    if (at == tables.size()) tables.push_back({title, {}});
    tables[at].second.push_back(&r);
  }
  return tables;
}

}  // namespace

Counted counted(const Record& r) {
  return r.suite == "memory" || r.suite == "transfer" ? Counted::bytes : Counted::operations;
}
double amount(const Record& r) { return counted(r) == Counted::bytes ? r.bytes : r.flops; }

std::vector<RateTable> rate_tables(const std::vector<Record>& records) {
  std::vector<RateTable> tables;
  for (auto& [title, rows] : by_table(records)) tables.push_back(table_of(title, std::move(rows)));
  return tables;
}

}  // namespace breakeven
