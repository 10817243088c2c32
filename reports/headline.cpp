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
    if (!largest || pair.left->record->flops > largest->left->record->flops) largest = pair;
  }
  return largest;
}

/// The fastest answer to the largest problem.
const Cell* largest_and_fastest(const std::vector<Cell>& cells, const Filter& filter) {
  const Cell* best = nullptr;
  for (const Cell& c : cells) {
    if (!filter(*c.record)) continue;
    const double more = best ? c.record->flops - best->record->flops : 1;
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

}  // namespace

std::vector<std::string> headlines(const std::vector<RateTable>& tables) {
  const Filter kernel_only = [](const Record& r) { return !with_transfer(r); };
  const Filter fp32 = [&](const Record& r) { return r.precision == "fp32" && kernel_only(r); };
  const Filter reduced = [&](const Record& r) {
    return (r.precision == "bf16" || r.precision == "fp16" || r.precision == "tf32") && kernel_only(r);
  };
  const Filter cpu = [](const Record& r) { return r.backend == "cpu"; };
  const Filter gpu = [&](const Record& r) { return r.backend != "cpu" && kernel_only(r); };
  const Filter gpu_transfer = [](const Record& r) { return r.backend != "cpu" && with_transfer(r); };

  const std::vector<Cell> cells = timed(tables);
  std::vector<std::string> out;
  const auto say = [&](const std::optional<Pair>& pair) {
    if (pair) out.push_back(sentence(*pair));
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
  return out;
}

}  // namespace breakeven
