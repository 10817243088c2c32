// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/train_seeds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace breakeven {
namespace {

bool skipped(const Record* r) { return r->status == Status::skipped; }

/// At the end of its schedule, wherever it got to; on a device that is only checked, nowhere.
bool to_the_end(const Record* r) {
  return r->training && (r->status == Status::ok || r->reason.starts_with("target_missed"));
}

}  // namespace

std::vector<TrainedCase> trained_cases(const std::vector<Record>& records) {
  std::vector<TrainedCase> cases;
  for (const Record& r : records) {
    if (r.suite != "train") continue;
    auto found = std::ranges::find_if(
        cases, [&](const TrainedCase& c) { return c.id == r.id && c.device == r.device; });
    if (found == cases.end()) found = cases.insert(cases.end(), {r.id, r.device, {}});
    found->seeds.push_back(&r);
  }
  for (TrainedCase& c : cases) std::ranges::stable_sort(c.seeds, {}, &Record::launch);
  return cases;
}

SeedVerdict evaluate(const TrainedCase& c) {
  SeedVerdict verdict;
  verdict.least = std::numeric_limits<double>::infinity(), verdict.greatest = -verdict.least;
  double sum = 0;
  const train::Target* target = nullptr;
  bool broken = false;
  for (const Record* r : c.seeds) {
    if (!to_the_end(r)) {
      broken |= r->status != Status::ok && !skipped(r);
      continue;
    }
    const train::Training& t = *r->training;
    ++verdict.seeds;
    verdict.reached += t.reached;
    sum += t.quality;
    verdict.least = std::min(verdict.least, t.quality);
    verdict.greatest = std::max(verdict.greatest, t.quality);
    target = &t.target;
  }
  if (!target) {
    verdict.mean = verdict.least = verdict.greatest = std::numeric_limits<double>::quiet_NaN();
    verdict.good = !broken;
    return verdict;
  }
  verdict.mean = sum / verdict.seeds;
  const bool enough = verdict.reached >= std::max(verdict.seeds - 1, 1);
  verdict.good = !broken && enough && target->reached_by(verdict.mean);
  return verdict;
}

}  // namespace breakeven
