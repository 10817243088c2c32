// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "harness/median.h"
#include "reports/units.h"

namespace breakeven {
namespace {

using Filter = std::function<bool(const Record&)>;

double seconds(const Record& r) { return median(r.seconds); }
bool timed(const Record& r) { return r.status == Status::ok && !r.seconds.empty(); }
bool with_transfer(const Record& r) { return r.kernel.ends_with("+transfer"); }
std::string who(const Record& r) { return fmt::format("{} {}.{}", r.precision, r.device, r.kernel); }

struct Pair {
  const Record* fast;
  const Record* slow;
};

/// For the largest problem (by work) at which both sides have an answer: the fastest of each.
std::optional<Pair> meet(const std::vector<Record>& records, const Filter& left, const Filter& right) {
  std::map<std::string, Pair> best;
  for (const Record& r : records) {
    if (!timed(r)) continue;
    Pair& pair = best.try_emplace(r.problem, Pair{nullptr, nullptr}).first->second;
    if (left(r) && (!pair.fast || seconds(r) < seconds(*pair.fast))) pair.fast = &r;
    if (right(r) && (!pair.slow || seconds(r) < seconds(*pair.slow))) pair.slow = &r;
  }
  std::optional<Pair> largest;
  for (const auto& [problem, pair] : best) {
    if (!pair.fast || !pair.slow || pair.fast == pair.slow) continue;
    if (!largest || pair.fast->flops > largest->fast->flops) largest = pair;
  }
  return largest;
}

/// The fastest answer to the largest problem.
const Record* largest_and_fastest(const std::vector<Record>& records, const Filter& filter) {
  const Record* best = nullptr;
  for (const Record& r : records) {
    if (!timed(r) || !filter(r)) continue;
    if (!best || r.flops > best->flops || (r.flops == best->flops && seconds(r) < seconds(*best))) best = &r;
  }
  return best;
}

/// "A is 1.9x B", or that they cannot be told apart: the 95 % intervals of the medians overlap.
std::string sentence(Pair pair) {
  if (seconds(*pair.fast) > seconds(*pair.slow)) std::swap(pair.fast, pair.slow);
  const double ratio = seconds(*pair.slow) / seconds(*pair.fast);
  const double spread = (1 + pair.fast->interval) / std::max(1 - pair.slow->interval, 0.01);
  if (ratio <= spread) {
    return fmt::format("{}: {} and {} cannot be told apart ({:.2f}x, within the noise of this run)",
                       pair.fast->problem, who(*pair.fast), who(*pair.slow), ratio);
  }
  return fmt::format("{}: {} is {}x {} ({} against {})", pair.fast->problem, who(*pair.fast),
                     three_digits(ratio), who(*pair.slow), format_seconds(seconds(*pair.fast)),
                     format_seconds(seconds(*pair.slow)));
}

}  // namespace

std::vector<std::string> headlines(const std::vector<Record>& records) {
  const Filter kernel_only = [](const Record& r) { return !with_transfer(r); };
  const Filter fp32 = [&](const Record& r) { return r.precision == "fp32" && kernel_only(r); };
  const Filter reduced = [&](const Record& r) {
    return (r.precision == "bf16" || r.precision == "fp16" || r.precision == "tf32") && kernel_only(r);
  };
  const Filter cpu = [](const Record& r) { return r.backend == "cpu"; };
  const Filter gpu = [&](const Record& r) { return r.backend != "cpu" && kernel_only(r); };
  const Filter gpu_transfer = [](const Record& r) { return r.backend != "cpu" && with_transfer(r); };

  std::vector<std::string> out;
  const auto say = [&](const std::optional<Pair>& pair) {
    if (pair) out.push_back(sentence(*pair));
  };
  say(meet(records, gpu, cpu));
  say(meet(records, gpu_transfer, cpu));
  say(meet(records, reduced, fp32));
  if (const Record* best = largest_and_fastest(records, fp32)) {
    say(meet(
        records, [&](const Record& r) { return &r == best; },
        [&](const Record& r) { return fp32(r) && (r.device != best->device || r.kernel != best->kernel); }));
  }
  return out;
}

}  // namespace breakeven
