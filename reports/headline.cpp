// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>

#include "reports/units.h"

namespace breakeven {
namespace {

using Filter = std::function<bool(const Record&)>;

bool with_transfer(const Record& r) { return r.kernel.ends_with("+transfer"); }
std::string who(const Cell& c) {
  return fmt::format("{} {}.{}", c.record->precision, c.record->device, c.record->kernel);
}
std::string question(const Record& r) {
  return fmt::format("{} {} {} {}", r.suite, r.problem, name(r.regime), r.threads);
}

struct Pair {
  const Cell* left = nullptr;
  const Cell* right = nullptr;
};

/// For the largest problem (by work) at which both sides have an answer: the fastest of each.
std::optional<Pair> meet(const std::vector<Cell>& cells, const Filter& left, const Filter& right) {
  std::map<std::string, Pair> best;
  for (const Cell& c : cells) {
    Pair& pair = best[question(*c.record)];
    if (left(*c.record) && (!pair.left || c.seconds < pair.left->seconds)) pair.left = &c;
    if (right(*c.record) && (!pair.right || c.seconds < pair.right->seconds)) pair.right = &c;
  }
  std::optional<Pair> largest;
  for (const auto& [question, pair] : best) {
    if (!pair.left || !pair.right || pair.left == pair.right) continue;
    if (!largest || amount(*pair.left->record) > amount(*largest->left->record)) largest = pair;
  }
  return largest;
}

/// The fastest answer to the largest problem.
const Cell* largest_and_fastest(const std::vector<Cell>& cells, const Filter& filter) {
  const Cell* best = nullptr;
  for (const Cell& c : cells) {
    if (!filter(*c.record)) continue;
    const double more = best ? amount(*c.record) - amount(*best->record) : 1;
    if (more > 0 || (more == 0 && c.seconds < best->seconds)) best = &c;
  }
  return best;
}

std::string sentence(const Pair& pair) {
  const bool left_first = pair.left->seconds <= pair.right->seconds;
  const Cell &fast = left_first ? *pair.left : *pair.right, &slow = left_first ? *pair.right : *pair.left;
  const double ratio = slow.seconds / fast.seconds;
  const std::string& problem = fast.record->problem;
  if (slow.low <= fast.high) {
    return fmt::format("{}: {} and {} cannot be told apart ({:.2f}x, their intervals overlap)", problem,
                       who(fast), who(slow), ratio);
  }
  return fmt::format("{}: {} is {}x {} ({} against {})", problem, who(fast), three_digits(ratio), who(slow),
                     format_seconds(fast.seconds), format_seconds(slow.seconds));
}

/// Every timed cell of every table.
std::vector<Cell> timed(const std::vector<RateTable>& tables) {
  std::vector<Cell> out;
  for (const RateTable& table : tables) {
    for (const auto& row : table.cells) {
      std::ranges::copy_if(row, std::back_inserter(out), [](const Cell& c) { return c.seconds > 0; });
    }
  }
  return out;
}

std::vector<std::string> suites_of(const std::vector<Cell>& cells) {
  std::vector<std::string> names;
  for (const Cell& c : cells) {
    if (std::ranges::find(names, c.record->suite) == names.end()) names.push_back(c.record->suite);
  }
  return names;
}

std::vector<std::string> devices_of(const std::vector<Cell>& cells) {
  std::vector<std::string> names;
  for (const Cell& c : cells) {
    if (std::ranges::find(names, c.record->device) == names.end()) names.push_back(c.record->device);
  }
  return names;
}

/// Where operations are counted: device against device, precision against precision, first against second.
void say_rates(const std::vector<Cell>& cells, size_t most, std::vector<std::string>& out) {
  const Filter kernel_only = [](const Record& r) { return !with_transfer(r); };
  const Filter fp32 = [&](const Record& r) { return r.precision == "fp32" && kernel_only(r); };
  const Filter reduced = [&](const Record& r) {
    return (r.precision == "bf16" || r.precision == "fp16" || r.precision == "tf32") && kernel_only(r);
  };
  const Filter cpu = [](const Record& r) { return r.backend == "cpu"; };
  const Filter gpu = [&](const Record& r) { return r.backend != "cpu" && kernel_only(r); };
  const Filter gpu_transfer = [](const Record& r) { return r.backend != "cpu" && with_transfer(r); };
  const auto say = [&](const std::optional<Pair>& pair) {
    if (pair && most > 0) out.push_back(sentence(*pair)), --most;
  };
  say(meet(cells, gpu, cpu));
  say(meet(cells, gpu_transfer, cpu));
  say(meet(cells, reduced, fp32));
  if (const Cell* best = largest_and_fastest(cells, fp32)) {
    const Record& first = *best->record;
    say(meet(
        cells, [&](const Record& r) { return &r == &first; },
        [&](const Record& r) { return fp32(r) && (r.device != first.device || r.kernel != first.kernel); }));
  }
}

/// How many problems a device does at 85 % of its copy rate or more, and which stays furthest below.
void say_shares(const std::vector<Cell>& cells, std::vector<std::string>& out) {
  constexpr double kNear = 0.85;
  for (const std::string& device : devices_of(cells)) {
    double copy = 0;
    std::map<std::string, const Cell*> best;  // by problem, precision, regime
    for (const Cell& c : cells) {
      if (c.record->device != device || with_transfer(*c.record)) continue;
      copy = std::max(copy, c.record->copy_rate);
      const Cell*& fastest = best[question(*c.record) + c.record->precision];
      if (!fastest || c.seconds < fastest->seconds) fastest = &c;
    }
    if (copy <= 0) continue;
    const auto share = [copy](const Cell* c) { return c->record->bytes / c->seconds / copy; };
    size_t near = 0;
    const Cell* furthest = nullptr;
    for (const auto& [question, cell] : best) {
      near += share(cell) >= kNear;
      if (!furthest || share(cell) < share(furthest)) furthest = cell;
    }
    out.push_back(
        fmt::format("{}: {} of {} memory-bound problems at {} of the copy rate or more; furthest "
                    "below is {} {} at {}",
                    device, near, best.size(), format_share(kNear), furthest->record->problem,
                    furthest->record->precision, format_share(share(furthest))));
  }
}

/// The rate of a device's largest transfer, and how long it takes to start anything.
void say_transfers(const std::vector<Cell>& cells, std::vector<std::string>& out) {
  for (const std::string& device : devices_of(cells)) {
    const Cell* largest = nullptr;
    const Cell* start = nullptr;
    for (const Cell& c : cells) {
      if (c.record->device != device) continue;
      const std::string& problem = c.record->problem;
      if (problem == "launch" || problem == "fork_join") start = &c;
      const bool more = !largest || amount(*c.record) > amount(*largest->record) ||
                        (amount(*c.record) == amount(*largest->record) && c.seconds < largest->seconds);
      if (amount(*c.record) > 0 && more) largest = &c;
    }
    if (!largest) continue;
    std::string said = fmt::format("{}: {} at {}", device, largest->record->problem,
                                   format_bandwidth(amount(*largest->record) / largest->seconds));
    if (start) said += fmt::format(", {} in {}", start->record->problem, format_seconds(start->seconds));
    out.push_back(std::move(said));
  }
}

}  // namespace

std::vector<std::string> headlines(const std::vector<RateTable>& tables) {
  const std::vector<Cell> cells = timed(tables);
  const std::vector<std::string> suites = suites_of(cells);
  std::vector<std::string> out;
  for (const std::string& suite : suites) {
    std::vector<Cell> own;
    std::ranges::copy_if(cells, std::back_inserter(own),
                         [&](const Cell& c) { return c.record->suite == suite; });
    if (suite == "memory") {
      say_shares(own, out);
    } else if (suite == "transfer") {
      say_transfers(own, out);
    } else {
      say_rates(own, suites.size() == 1 ? 4 : 2, out);  // a handful in all
    }
  }
  return out;
}

}  // namespace breakeven
