// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/tune.h"

#include <algorithm>

#include "harness/median.h"

namespace breakeven::train {
namespace {

/// All that is known of one setting.
struct Standing {
  Setting setting;
  std::vector<double> reached;  // seconds
  int missed = 0;
  int launches() const { return static_cast<int>(reached.size()) + missed; }
  bool counts() const { return !reached.empty() && missed <= (launches() > 1 ? 1 : 0); }
  double seconds() const { return median(reached); }
};

class Standings {
 public:
  explicit Standings(const std::vector<TrialOutcome>& done) {
    for (const TrialOutcome& outcome : done) {
      Standing& s = of(outcome.trial.setting);
      outcome.reached() ? s.reached.push_back(outcome.seconds) : void(++s.missed);
    }
  }

  const Standing* find(const Setting& setting) const {
    const auto found = std::ranges::find(all_, setting, &Standing::setting);
    return found == all_.end() ? nullptr : &*found;
  }
  int launches(const Setting& setting) const {
    const Standing* s = find(setting);
    return s ? s->launches() : 0;
  }
  std::optional<double> seconds(const Setting& setting) const {
    const Standing* s = find(setting);
    return s && s->counts() ? std::optional(s->seconds()) : std::nullopt;
  }
  /// The fastest of those that `eligible` lets through; null when none counts.
  template <class Eligible>
  const Standing* best(Eligible eligible) const {
    const Standing* found = nullptr;
    for (const Standing& s : all_) {
      if (s.counts() && eligible(s.setting) && (!found || s.seconds() < found->seconds())) found = &s;
    }
    return found;
  }
  const Standing* best() const {
    return best([](const Setting&) { return true; });
  }

 private:
  Standing& of(const Setting& setting) {
    const auto found = std::ranges::find(all_, setting, &Standing::setting);
    return found != all_.end() ? *found : all_.emplace_back(Standing{setting, {}, 0});
  }
  std::vector<Standing> all_;
};

/// Own batch in every precision, then twice and half the best one's, then the other precisions at the best:
/// the first of these that has not been tried. Every trial can change what is best, and so what comes next.
std::optional<Trial> unexplored(const SearchSpace& space, const Standings& known) {
  for (const Precision p : space.precisions) {
    if (known.launches({space.own_batch, p}) == 0) return Trial{{space.own_batch, p}, 0};
  }
  const Standing* best = known.best();
  if (!best) {  // none reached the target: smaller steps may
    const Setting smaller{space.own_batch / 2, space.precisions.front()};
    const bool possible = smaller.batch >= space.least_batch && known.launches(smaller) == 0;
    return possible ? std::optional(Trial{smaller, 0}) : std::nullopt;
  }
  const Setting from = best->setting;
  for (const int64_t batch : {2 * from.batch, from.batch / 2}) {
    const Setting to{batch, from.precision};
    if (batch >= space.least_batch && batch <= space.most_batch && known.launches(to) == 0)
      return Trial{to, 0};
  }
  for (const Precision p : space.precisions) {
    if (known.launches({from.batch, p}) == 0) return Trial{{from.batch, p}, 0};
  }
  return std::nullopt;
}

Setting base_of(const SearchSpace& space) { return {space.own_batch, space.precisions.front()}; }

}  // namespace

std::optional<Trial> next_trial(const SearchSpace& space, const std::vector<TrialOutcome>& done) {
  const Standings known(done);
  if (const auto trial = unexplored(space, known)) return trial;
  const Standing* best = known.best();
  if (!best) return std::nullopt;
  // A winner that further seeds show to be slower gives way to the next, which is then looked at as closely.
  for (const Setting& setting : {best->setting, base_of(space)}) {
    const int launches = known.launches(setting);
    if (launches < space.seeds) return Trial{setting, launches};
  }
  return std::nullopt;
}

TuneAnswer answer(const SearchSpace& space, const std::vector<TrialOutcome>& done) {
  const Standings known(done);
  TuneAnswer a{.base = base_of(space)};
  a.base_seconds = known.seconds(a.base);
  const auto seconds = [](const Standing* s) { return s ? std::optional(s->seconds()) : std::nullopt; };
  a.batch_alone_seconds =
      seconds(known.best([&](const Setting& s) { return s.precision == a.base.precision; }));
  a.precision_alone_seconds =
      seconds(known.best([&](const Setting& s) { return s.batch == space.own_batch; }));
  if (const Standing* best = known.best()) {
    a.best = best->setting;
    a.best_seconds = best->seconds();
  }
  return a;
}

}  // namespace breakeven::train
