// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/train_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "harness/median.h"
#include "reports/train_seeds.h"
#include "reports/units.h"

namespace breakeven {
namespace {

using train::Training;

constexpr int kCurveColumns = 16;

/// One workload: its cases, in the order of the file.
struct Block {
  std::string problem;
  std::vector<TrainedCase> cases;
};

std::vector<Block> blocks(const std::vector<Record>& records) {
  std::vector<Block> all;
  for (TrainedCase& c : trained_cases(records)) {
    const std::string& problem = c.seeds.front()->problem;
    auto found = std::ranges::find(all, problem, &Block::problem);
    if (found == all.end()) found = all.insert(all.end(), {problem, {}});
    found->cases.push_back(std::move(c));
  }
  return all;
}

std::string who(const TrainedCase& c) {
  const Record& r = *c.seeds.front();
  return fmt::format("{} {}.{}", r.precision, r.device, r.kernel);
}

/// Of the seeds with a training; the median of what `value` says of each.
template <class F>
double middle(const TrainedCase& c, F value) {
  std::vector<double> all;
  for (const Record* r : c.seeds) {
    if (r->training) all.push_back(value(*r));
  }
  return all.empty() ? std::numeric_limits<double>::quiet_NaN() : median(all);
}

double time_to_solution(const TrainedCase& c) {
  std::vector<double> all;
  for (const Record* r : c.seeds) {
    if (!r->seconds.empty()) all.push_back(r->seconds.front());
  }
  return all.empty() ? std::numeric_limits<double>::infinity() : median(all);
}

/// The first seed that was trained, which stands for the case where one has to.
const Training* example(const TrainedCase& c) {
  const auto found = std::ranges::find_if(c.seeds, [](const Record* r) { return r->training.has_value(); });
  return found == c.seeds.end() ? nullptr : &*(*found)->training;
}

std::string time_word(const TrainedCase& c, const SeedVerdict& verdict) {
  const auto broken = std::ranges::find_if(c.seeds, [](const Record* r) {
    return r->status != Status::ok && r->status != Status::skipped && !r->reason.starts_with("target_missed");
  });
  if (broken != c.seeds.end())
    return (*broken)->status == Status::wrong ? "WRONG" : std::string(name((*broken)->status));
  if (verdict.seeds == 0) return "right";  // checked, never timed
  return verdict.good ? format_seconds(time_to_solution(c)) : "missed";
}

std::string crossing_word(const TrainedCase& c) {
  const double seconds = middle(c, [](const Record& r) {
    return r.training->first_crossing ? r.training->first_crossing->seconds
                                      : std::numeric_limits<double>::infinity();
  });
  return std::isfinite(seconds) ? format_seconds(seconds) : "-";
}

std::string quality_words(const SeedVerdict& v) {
  if (v.seeds == 0) return "";
  if (v.seeds == 1) return fmt::format("{:.4f}", v.mean);
  return fmt::format("{:.4f} ({:.4f}..{:.4f})", v.mean, v.least, v.greatest);
}

std::vector<std::string> row(const TrainedCase& c, Style style) {
  const SeedVerdict v = evaluate(c);
  const Training* t = example(c);
  std::vector<std::string> words{shown(who(c), style), fmt::format("{}/{}", v.reached, c.seeds.size()),
                                 quality_words(v), time_word(c, v), crossing_word(c)};
  if (!t) {
    words.resize(9);
    return words;
  }
  const double rate = middle(c, [](const Record& r) { return r.training->flops_per_second; });
  double peak = 0;
  for (const Record* r : c.seeds) peak = std::max(peak, r->peak_flops);
  words.push_back(three_digits(middle(c, [](const Record& r) { return r.training->samples_per_second; })));
  words.push_back(rate > 0 ? three_digits(rate / 1e9) : "");
  words.push_back(rate > 0 && peak > 0 ? format_share(rate / peak) : "n/a");
  words.push_back(format_bytes(static_cast<double>(t->memory_bytes)));
  return words;
}

/// "conv backward weights 50 %, conv forward 25 %, norm 12 %", of steps and evaluations; "" when not told.
std::string time_by_class(const Training& t) {
  std::vector<train::OperationTime> by_time = t.operations;
  std::ranges::stable_sort(by_time, std::greater<>{}, &train::OperationTime::seconds);
  const double all = t.phases.train + t.phases.evaluate;
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min<size_t>(by_time.size(), 3) && all > 0; ++i)
    words.push_back(fmt::format("{} {}", by_time[i].name, format_share(by_time[i].seconds / all)));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Below the table, a line a case: the course of its first seed and where its time went.
Grid courses(const Block& block, Style style) {
  Grid grid{{"first seed", "quality over time", "until", "most time in"}, {}, Columns::words};
  for (const TrainedCase& c : block.cases) {
    const Training* t = example(c);
    if (!t || t->evaluations.empty()) continue;
    std::vector<std::pair<double, double>> points;
    for (const train::EvaluationPoint& e : t->evaluations) points.emplace_back(e.seconds, e.quality);
    grid.rows.push_back({shown(who(c), style), sparkline(points, kCurveColumns),
                         format_seconds(t->evaluations.back().seconds), shown(time_by_class(*t), style)});
  }
  return grid;
}

std::string skipped_lines(const Block& block, Style style) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const TrainedCase& c : block.cases) {
    const Record& first = *c.seeds.front();
    if (first.status == Status::skipped) by_reason[first.reason].push_back(shown(who(c), style));
  }
  std::string out;
  for (const auto& [reason, names] : by_reason)
    out += fmt::format("{}skipped {}: {}\n", style == Style::markdown ? "\n" : "  ", fmt::join(names, ", "),
                       shown(reason, style));
  return out;
}

std::string title(const Block& block) {
  std::string words = fmt::format("train {}", block.problem);
  for (const TrainedCase& c : block.cases) {
    const Training* t = example(c);
    if (!t) continue;
    return words + fmt::format(": {} {} {:g} in {} steps of {}, {} CPU threads", name(t->target.metric),
                               t->target.metric == train::Metric::loss ? "at most" : "at least",
                               t->target.value, t->steps, t->batch, c.seeds.front()->threads);
  }
  return words;
}

std::string render(const Block& block, Style style) {
  Grid grid{{"", "reached", "quality", "time to solution", "first crossing", "samples/s", "GFLOP/s",
             "of peak", "memory"},
            {},
            Columns::numbers};
  for (const TrainedCase& c : block.cases) {
    if (c.seeds.front()->status != Status::skipped) grid.rows.push_back(row(c, style));
  }
  std::string out = (style == Style::markdown ? "### " : "") + shown(title(block), style) +
                    (style == Style::markdown ? "\n\n" : "\n");
  if (!grid.rows.empty()) out += render(grid, style);
  const Grid below = courses(block, style);
  if (!below.rows.empty()) out += "\n" + render(below, style);
  return out + skipped_lines(block, style) + "\n";
}

/// Ratios of the times of seeds that both trained to the target, b over a.
std::vector<double> paired(const TrainedCase& a, const TrainedCase& b) {
  std::vector<double> ratios;
  for (const Record* x : a.seeds) {
    for (const Record* y : b.seeds) {
      if (x->training && y->training && x->training->seed == y->training->seed && !x->seconds.empty() &&
          !y->seconds.empty())
        ratios.push_back(y->seconds.front() / x->seconds.front());
    }
  }
  return ratios;
}

std::string sentence(const std::string& problem, const TrainedCase& a, const TrainedCase& b) {
  const std::vector<double> ratios = paired(a, b);
  if (ratios.empty()) return "";
  double logs = 0;
  for (const double r : ratios) logs += std::log(r);
  const double mean = std::exp(logs / static_cast<double>(ratios.size()));
  const auto [least, greatest] = std::ranges::minmax(ratios);
  if (least <= 1 && ratios.size() > 1)
    return fmt::format("{}: {} and {} cannot be told apart ({:.2f}x, single seeds {:.2f} to {:.2f})", problem,
                       who(a), who(b), mean, least, greatest);
  const std::string spread =
      ratios.size() > 1 ? fmt::format(", single seeds {:.2f} to {:.2f}", least, greatest) : ", one seed";
  return fmt::format("{}: {} is at its target {}x sooner than {} ({} against {}{})", problem, who(a),
                     three_digits(mean), who(b), format_seconds(time_to_solution(a)),
                     format_seconds(time_to_solution(b)), spread);
}

}  // namespace

std::string sparkline(const std::vector<std::pair<double, double>>& points, int columns) {
  static constexpr std::array<const char*, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = std::numeric_limits<double>::infinity(), high = -low, end = 0;
  for (const auto& [at, value] : points) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value), high = std::max(high, value), end = std::max(end, at);
  }
  std::string line;
  for (int c = 1; c <= columns && high >= low; ++c) {
    const double until = end * c / columns * (1 + 1e-9);
    const std::pair<double, double>* last = nullptr;
    for (const auto& point : points) {
      if (point.first <= until && std::isfinite(point.second)) last = &point;
    }
    const double share = !last ? 0 : high > low ? (last->second - low) / (high - low) : 0.5;
    line += last ? kBlocks[static_cast<size_t>(std::lround(share * 7))] : " ";
  }
  return line;
}

std::string train_tables(const std::vector<Record>& records, Style style) {
  std::string out;
  for (const Block& block : blocks(records)) out += render(block, style);
  return out;
}

std::vector<std::string> train_headlines(const std::vector<Record>& records) {
  std::vector<std::string> out;
  for (Block& block : blocks(records)) {
    std::erase_if(block.cases, [](const TrainedCase& c) {
      const SeedVerdict v = evaluate(c);
      return !v.good || !std::isfinite(time_to_solution(c));
    });
    if (block.cases.size() < 2) continue;
    std::ranges::stable_sort(block.cases, {}, time_to_solution);
    const std::string said = sentence(block.problem, block.cases[0], block.cases[1]);
    if (!said.empty()) out.push_back(said);
  }
  return out;
}

}  // namespace breakeven
