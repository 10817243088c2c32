// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/frontier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reports/units.h"

namespace breakeven {
namespace {

double error_of(const Cell& c) { return c.record->accuracy->normwise; }

/// Both at least as good and one of them better; of equals both stand.
bool beaten(const Cell& cell, const Cell& by) {
  const bool no_worse = rate(by) >= rate(cell) && error_of(by) <= error_of(cell);
  return no_worse && (rate(by) > rate(cell) || error_of(by) < error_of(cell));
}

Frontier finished(Frontier frontier) {
  std::ranges::stable_sort(frontier.cells, {}, error_of);
  for (const Cell& cell : frontier.cells) {
    const auto beats = [&](const Cell& other) { return beaten(cell, other); };
    frontier.on_edge.push_back(cell.seconds > 0 && std::ranges::none_of(frontier.cells, beats));
  }
  return frontier;
}

std::string who(const Cell& c) {
  return fmt::format("{} {}.{}", c.record->precision, c.record->device, c.record->kernel);
}

/// Times as fast as the fastest fp32 contender of the same device; empty where there is none.
std::string over_fp32(const Frontier& frontier, const Cell& cell) {
  double best = 0;
  for (const Cell& other : frontier.cells) {
    if (other.record->precision == "fp32" && other.record->device == cell.record->device) {
      best = std::max(best, rate(other));
    }
  }
  return best > 0 && rate(cell) > 0 ? fmt::format("{:.2f}x", rate(cell) / best) : "";
}

std::string sentence(const Frontier& frontier) {
  std::vector<std::string> points;
  for (size_t i = 0; i < frontier.cells.size(); ++i) {
    const Cell& c = frontier.cells[i];
    if (frontier.on_edge[i])
      points.push_back(fmt::format("{} {:.2g} at {}", who(c), error_of(c), three_digits(rate(c) / 1e9)));
  }
  if (points.empty()) return "";
  return fmt::format("frontier of {}: {} GFLOP/s", frontier.problem, fmt::join(points, ", "));
}

}  // namespace

std::string fill_of(const std::string& problem) {
  for (const char* fill : {"+wide", "+zeros", "+constant", "+integers", "+normal"}) {
    const size_t at = problem.find(fill);
    if (at != std::string::npos) return problem.substr(at + 1);
  }
  return "";
}

double rate(const Cell& cell) { return cell.seconds > 0 ? cell.record->flops / cell.seconds : 0; }

bool is_mixed(const RateTable& table) {
  return std::ranges::any_of(table.cells, [](const auto& row) {
    return std::ranges::any_of(row, [](const Cell& c) { return c.record && c.record->suite == "mixed"; });
  });
}

std::vector<Cell> mixed_cells(const std::vector<RateTable>& tables) {
  std::vector<Cell> found;
  for (const RateTable& table : tables) {
    for (const auto& row : table.cells) {
      for (const Cell& cell : row) {
        if (cell.record && cell.record->suite == "mixed" && cell.record->status == Status::ok)
          found.push_back(cell);
      }
    }
  }
  return found;
}

std::vector<Frontier> frontiers(const std::vector<RateTable>& tables) {
  std::vector<Frontier> all;
  for (const Cell& cell : mixed_cells(tables)) {
    const Record& r = *cell.record;
    if (!r.accuracy || !std::isfinite(r.accuracy->normwise) || !fill_of(r.problem).empty()) continue;
    const std::string regime{name(r.regime)};
    auto found = std::ranges::find_if(
        all, [&](const Frontier& f) { return f.problem == r.problem && f.regime == regime; });
    if (found == all.end()) found = all.insert(all.end(), {r.problem, regime, {}, {}});
    found->cells.push_back(cell);
  }
  for (Frontier& frontier : all) frontier = finished(std::move(frontier));
  return all;
}

std::string render(const Frontier& frontier, Style style) {
  Grid grid{{"by error", "GFLOP/s", "time", "over fp32", "error", "worst"}, {}, Columns::numbers};
  for (size_t i = 0; i < frontier.cells.size(); ++i) {
    const Cell& c = frontier.cells[i];
    const bool timed = c.seconds > 0;
    grid.rows.push_back({shown(who(c), style) + (frontier.on_edge[i] ? " <" : ""),
                         timed ? three_digits(rate(c) / 1e9) : "", timed ? format_seconds(c.seconds) : "",
                         over_fp32(frontier, c), fmt::format("{:.2e}", error_of(c)),
                         fmt::format("{:.2e}", c.record->accuracy->worst)});
  }
  if (style == Style::markdown) {
    for (auto& row : grid.rows) std::ranges::replace(row[0], '<', '*');
  }
  const std::string title =
      fmt::format("mixed {}, {} ({} nobody is both faster and more accurate)", shown(frontier.problem, style),
                  frontier.regime, style == Style::markdown ? "*" : "<");
  const std::string said = shown(sentence(frontier), style);
  std::string out = style == Style::markdown ? "### " + title + "\n\n" : title + "\n";
  out += render(grid, style);
  if (said.empty()) return out;
  return out + (style == Style::markdown ? "\n- **" + said + "**\n" : said + "\n");
}

}  // namespace breakeven
