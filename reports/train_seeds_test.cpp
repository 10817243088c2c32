// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/train_seeds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reports/sample_trainings.h"

namespace breakeven {
namespace {

using sample::a_seed;

SeedVerdict verdict(std::vector<Record> seeds) { return evaluate(trained_cases(seeds).at(0)); }

TEST(SeedVerdict, AllReached) {
  const SeedVerdict v = verdict({a_seed(0, 0.96, 20), a_seed(1, 0.97, 21), a_seed(2, 0.98, 22)});
  EXPECT_TRUE(v.good);
  EXPECT_EQ(v.seeds, 3);
  EXPECT_EQ(v.reached, 3);
  EXPECT_DOUBLE_EQ(v.mean, 0.97);
  EXPECT_EQ(v.least, 0.96);
  EXPECT_EQ(v.greatest, 0.98);
}

TEST(SeedVerdict, OneMissIsAllowedWhereTheMeanReaches) {
  EXPECT_TRUE(verdict({a_seed(0, 0.96, 20), a_seed(1, 0.945, 0), a_seed(2, 0.96, 20)}).good);
  EXPECT_FALSE(verdict({a_seed(0, 0.951, 20), a_seed(1, 0.93, 0), a_seed(2, 0.951, 20)}).good);  // mean 0.944
  EXPECT_FALSE(verdict({a_seed(0, 0.99, 20), a_seed(1, 0.94, 0), a_seed(2, 0.94, 0)}).good);     // two
  EXPECT_FALSE(verdict({a_seed(0, 0.94, 0)}).good);  // a single one itself
  EXPECT_TRUE(verdict({a_seed(0, 0.95, 20)}).good);
  EXPECT_TRUE(verdict({a_seed(0, 0.97, 20), a_seed(1, 0.94, 0)}).good);
  EXPECT_FALSE(verdict({a_seed(0, 0.9, 0), a_seed(1, 0.94, 0)}).good);
}

TEST(SeedVerdict, WhatWasWrongOrBrokeDownIsNotAllowedFor) {
  Record wrong = a_seed(1, 0.96, 0), timeout = a_seed(1, 0.96, 0), skipped = a_seed(1, 0.96, 0);
  wrong.status = Status::wrong, wrong.reason = "diverged: the loss of step 3 is nan";
  timeout.status = Status::timeout, timeout.reason = "no result", timeout.training.reset();
  skipped.status = Status::skipped, skipped.reason = "no such unit", skipped.training.reset();
  EXPECT_FALSE(verdict({a_seed(0, 0.96, 20), wrong, a_seed(2, 0.96, 20)}).good);
  EXPECT_FALSE(verdict({a_seed(0, 0.96, 20), timeout}).good);
  EXPECT_FALSE(verdict({timeout}).good);
  EXPECT_TRUE(verdict({skipped}).good);
  EXPECT_TRUE(std::isnan(verdict({skipped}).mean));
}

TEST(SeedVerdict, OfALossLessIsBetter) {
  std::vector<Record> seeds{a_seed(0, 2.65, 20), a_seed(1, 2.66, 20)};
  for (Record& r : seeds) r.training->target = {train::Metric::loss, 2.68};
  EXPECT_TRUE(verdict(seeds).good);
}

TEST(TrainedCases, AreCasesOfEachDeviceWithTheirSeedsInOrder) {
  std::vector<Record> records{a_seed(1, 0.96, 20), a_seed(0, 0.96, 20), a_seed(0, 0.96, 5),
                              a_seed(0, 0.96, 20)};
  records[2].device = "cuda:0";
  records[3].suite = "gemm";
  const auto cases = trained_cases(records);
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].seeds, (std::vector<const Record*>{&records[1], &records[0]}));
  EXPECT_EQ(cases[1].device, "cuda:0");
}

}  // namespace
}  // namespace breakeven
