// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/tune.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace breakeven::train {
namespace {

using enum Precision;

const SearchSpace kSpace{
    .own_batch = 128, .least_batch = 8, .most_batch = 1024, .precisions = {fp32, bf16}, .seeds = 3};

/// Seconds by setting and launch; 0 is a miss.
using Machine = std::function<double(const Setting&, int launch)>;

std::vector<TrialOutcome> search(const SearchSpace& space, const Machine& machine) {
  std::vector<TrialOutcome> done;
  while (const auto trial = next_trial(space, done)) {
    for (const TrialOutcome& before : done) EXPECT_NE(before.trial, *trial) << "the same training twice";
    done.push_back({*trial, machine(trial->setting, trial->launch)});
    if (done.size() > 60) {
      ADD_FAILURE() << "the search does not end";
      break;
    }
  }
  return done;
}

/// Best at a batch of `optimum`, worse by a third for each doubling away from it; bf16 twice as fast.
Machine valley(int64_t optimum) {
  return [optimum](const Setting& s, int launch) {
    const double away = std::abs(std::log2(static_cast<double>(s.batch) / static_cast<double>(optimum)));
    return (s.precision == bf16 ? 10 : 20) * (1 + away / 3) + 0.1 * launch;
  };
}

TEST(Tune, FindsTheValleyUpwardsAndDownwards) {
  for (const int64_t optimum : {512, 128, 16}) {
    const auto done = search(kSpace, valley(optimum));
    const TuneAnswer a = answer(kSpace, done);
    ASSERT_TRUE(a.best);
    EXPECT_EQ(*a.best, (Setting{optimum, bf16}));
    EXPECT_DOUBLE_EQ(a.best_seconds, 10.1);  // median of its three seeds
  }
}

TEST(Tune, SaysWhatBatchAndPrecisionDidAlone) {
  const TuneAnswer a = answer(kSpace, search(kSpace, valley(512)));
  EXPECT_NEAR(a.base_seconds.value(), 20 * (1 + 2.0 / 3) + 0.1, 1e-9);
  EXPECT_NEAR(a.batch_alone_seconds.value(), 20, 1e-9);  // fp32 at 512
  EXPECT_NEAR(a.precision_alone_seconds.value(), 10 * (1 + 2.0 / 3), 1e-9);
}

TEST(Tune, StaysWithinTheSpace) {
  for (const auto& outcome : search(kSpace, valley(1 << 20))) EXPECT_LE(outcome.trial.setting.batch, 1024);
  for (const auto& outcome : search(kSpace, valley(1))) EXPECT_GE(outcome.trial.setting.batch, 8);
}

TEST(Tune, ASettingThatMissesCannotWin) {
  const Machine fast_but_wrong = [](const Setting& s, int launch) {
    return s.batch > 128 ? 0 : valley(512)(s, launch);
  };
  EXPECT_EQ(answer(kSpace, search(kSpace, fast_but_wrong)).best, (Setting{128, bf16}));
}

TEST(Tune, AWinnerThatFurtherSeedsRefuteGivesWay) {
  const Machine lucky = [](const Setting& s, int launch) {
    return s == Setting{256, bf16} ? (launch == 0 ? 1.0 : 0.0) : valley(128)(s, launch);
  };
  EXPECT_EQ(answer(kSpace, search(kSpace, lucky)).best, (Setting{128, bf16}));
}

TEST(Tune, NothingReachedIsAnAnswer) {
  const auto done = search(kSpace, [](const Setting&, int) { return 0.0; });
  const TuneAnswer a = answer(kSpace, done);
  EXPECT_FALSE(a.best);
  EXPECT_FALSE(a.base_seconds);
  EXPECT_EQ(done.size(), 3u) << "both precisions, and half the batch";
}

TEST(Tune, GoesOnWhereItWasStopped) {
  const auto whole = search(kSpace, valley(512));
  for (size_t n = 0; n < whole.size(); ++n) {
    const std::vector<TrialOutcome> part(whole.begin(), whole.begin() + static_cast<int64_t>(n));
    EXPECT_EQ(next_trial(kSpace, part).value(), whole[n].trial);
  }
}

}  // namespace
}  // namespace breakeven::train
