// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/fill_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/frontier.h"
#include "reports/units.h"

namespace breakeven {
namespace {

std::string base_of(const std::string& problem) {
  const std::string fill = fill_of(problem);
  return fill.empty() ? problem : problem.substr(0, problem.size() - fill.size() - 1);
}

std::string contender(const Record& r) { return fmt::format("{} {}.{}", r.precision, r.device, r.kernel); }

std::string titled(const std::string& title, const Grid& grid, Style style) {
  const std::string words = shown(title, style);
  return (style == Style::markdown ? "### " + words + "\n\n" : words + "\n") + render(grid, style);
}
std::string said(const std::string& sentence, Style style) {
  return style == Style::markdown ? "\n- **" + shown(sentence, style) + "**\n"
                                  : shown(sentence, style) + "\n";
}

std::string percent(double share) { return share == 0 ? "0" : fmt::format("{:.3g} %", 100 * share); }

/// "wide+scale12" -> 12.
int scale_of(const std::string& fill) {
  const size_t at = fill.find("+scale");
  return at == std::string::npos ? 0 : std::atoi(fill.c_str() + at + 6);
}

/// One contender's answers to one wide problem, by scale.
using Scales = std::map<int, const Record*>;

std::string scaling_sentence(const Scales& scales) {
  const Record& first = *scales.begin()->second;
  std::string out =
      fmt::format("{} {} loses {} of the gradients", contender(first), base_of(first.problem),
                  first.accuracy->underflowed == 0 ? "none" : percent(first.accuracy->underflowed));
  out += scales.begin()->first == 0 ? " without scaling" : fmt::format(" with 2^{}", scales.begin()->first);
  const auto rescued = std::ranges::find_if(scales, [&](const auto& s) {
    return s.second != &first && first.accuracy->underflowed > 0 && s.second->accuracy->underflowed == 0;
  });
  if (rescued != scales.end()) out += fmt::format(", none with 2^{}", rescued->first);
  const auto beyond = std::ranges::find_if(scales, [](const auto& s) {
    return s.second->accuracy->overflowed > 0 || s.second->accuracy->nonfinite > 0;
  });
  if (beyond == scales.end()) return out + "; nothing overflows";
  return out + fmt::format("; with 2^{} {} of them and {} of the results overflow", beyond->first,
                           percent(beyond->second->accuracy->overflowed),
                           percent(beyond->second->accuracy->nonfinite));
}

/// Rates of one problem under one regime by one contender, by fill.
using Fills = std::map<std::string, Cell>;

std::string flattery_sentence(const std::string& who, const Fills& fills, double uniform) {
  const auto most = std::ranges::max_element(fills, {}, [](const auto& fill) { return rate(fill.second); });
  const double factor = rate(most->second) / uniform;
  if (most->first.empty() || factor < 1.005) return fmt::format("{}: no fill would have flattered", who);
  return fmt::format("{}: {} would have flattered by {:.2f}x", who, most->first, factor);
}

}  // namespace

std::string wide_tables(const std::vector<RateTable>& tables, Style style) {
  std::map<std::string, std::map<std::string, Scales>> problems;  // base, contender
  for (const Cell& cell : mixed_cells(tables)) {
    const Record& r = *cell.record;
    const std::string fill = fill_of(r.problem);
    if (fill.starts_with("wide") && r.accuracy)
      problems[base_of(r.problem)][contender(r)].emplace(scale_of(fill), cell.record);
  }
  std::string out;
  for (const auto& [base, contenders] : problems) {
    Grid grid{{"gradients", "scale", "lost", "beyond", "results beyond", "error"}, {}, Columns::numbers};
    std::string sentences;
    for (const auto& [who, scales] : contenders) {
      for (const auto& [scale, r] : scales) {
        const Accuracy& a = *r->accuracy;
        grid.rows.push_back({shown(who, style), fmt::format("2^{}", scale), percent(a.underflowed),
                             percent(a.overflowed), percent(a.nonfinite),
                             std::isfinite(a.normwise) ? fmt::format("{:.2e}", a.normwise) : "n/a"});
      }
      sentences += said(scaling_sentence(scales), style);
    }
    out += titled(fmt::format("mixed {}, gradients of wide range", base), grid, style) + sentences + "\n";
  }
  return out;
}

std::string fill_tables(const std::vector<RateTable>& tables, Style style) {
  std::map<std::string, std::map<std::string, Fills>> problems;  // base, contender and regime
  for (const Cell& cell : mixed_cells(tables)) {
    const Record& r = *cell.record;
    const std::string fill = fill_of(r.problem);
    if (fill.starts_with("wide") || cell.seconds <= 0) continue;
    problems[base_of(r.problem)][fmt::format("{}, {}", contender(r), name(r.regime))].emplace(fill, cell);
  }
  std::string out;
  for (const auto& [base, contenders] : problems) {
    Grid grid{{"data", "fill", "GFLOP/s", "over uniform"}, {}, Columns::numbers};
    std::string sentences;
    for (const auto& [who, fills] : contenders) {
      if (fills.size() < 2 || !fills.contains("")) continue;
      const double uniform = rate(fills.at(""));
      for (const auto& [fill, cell] : fills) {
        grid.rows.push_back({shown(who, style), fill.empty() ? "uniform" : shown(fill, style),
                             three_digits(rate(cell) / 1e9), fmt::format("{:.2f}x", rate(cell) / uniform)});
      }
      sentences += said(flattery_sentence(who, fills, uniform), style);
    }
    if (!grid.rows.empty())
      out += titled(fmt::format("mixed {}, what other data would have shown", base), grid, style) +
             sentences + "\n";
  }
  return out;
}

}  // namespace breakeven
