// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/train_table.h"

#include <gtest/gtest.h>

#include "reports/page.h"
#include "reports/sample_trainings.h"

namespace breakeven {
namespace {

using sample::a_seed;

std::vector<Record> two_contenders() {
  std::vector<Record> records{a_seed(0, 0.96, 20), a_seed(1, 0.97, 22)};
  for (const Record& one : std::vector<Record>(records)) {
    Record other = one;
    other.id = "train/resnet9/fp32/cpu.onednn", other.precision = "fp32";
    other.seconds[0] *= 2;
    records.push_back(other);
  }
  for (Record& r : records) r.training->seed = static_cast<uint64_t>(r.launch) + 1;
  return records;
}

TEST(TrainTables, HaveARowForEachContender) {
  const std::vector<Record> records = two_contenders();
  EXPECT_EQ(train_tables(records, Style::text), "");
}

TEST(TrainTables, SayMissedWrongAndSkipped) {
  std::vector<Record> records = two_contenders();
  for (Record& r : records) {
    if (r.precision != "bf16") continue;
    r = a_seed(r.launch, 0.9, 0);
  }
  records[2].status = Status::wrong, records[2].reason = "diverged", records[2].seconds.clear();
  Record skipped = a_seed(0, 0, 0);
  skipped.status = Status::skipped, skipped.reason = "files of yours", skipped.training.reset();
  skipped.kernel = "openblas", skipped.id = "train/resnet9/bf16/cpu.openblas";
  records.push_back(skipped);
  const std::string text = train_tables(records, Style::markdown);
  EXPECT_NE(text.find("missed |"), std::string::npos) << text;
  EXPECT_NE(text.find("WRONG |"), std::string::npos) << text;
  EXPECT_NE(text.find("skipped bf16 cpu.openblas: files of yours"), std::string::npos) << text;
  EXPECT_TRUE(train_headlines(records).empty());
}

TEST(TrainHeadlines, CompareTheSeedsThatBothTrainedWith) {
  std::vector<Record> records = two_contenders();
  EXPECT_EQ(
      train_headlines(records),
      (std::vector<std::string>{"resnet9: bf16 cpu.onednn is at its target 2.00x sooner than fp32 cpu.onednn "
                                "(21.0 s against 42.0 s, single seeds 2.00 to 2.00)"}));
  records[3].seconds[0] = 21;  // against 22 with the same seed
  EXPECT_NE(train_headlines(records).at(0).find("cannot be told apart"), std::string::npos);
  records[2].training->seed = records[3].training->seed = 99;  // other seeds: no pairs
  EXPECT_TRUE(train_headlines(records).empty());
}

TEST(Sparkline, RisesWithTheValues) {
  EXPECT_EQ(sparkline({{1, 0}, {2, 7}, {4, 14}}, 4), "▁▅▅█");
  EXPECT_EQ(sparkline({{2, 5}}, 2), " ▅");  // nothing known before
  EXPECT_EQ(sparkline({}, 4), "");
  EXPECT_EQ(sparkline({{1, 1}, {2, 0}}, 2), "█▁");
}

TEST(Page, HasTrainingsInTheirOwnTables) {
  ResultFile file;
  file.run = {{"kind", "run"}, {"method", 1}};
  file.records = two_contenders();
  const std::string text = page(file, Style::text);
  EXPECT_NE(text.find("train resnet9: accuracy at least 0.95 in 100 steps of 128"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("sustained"), std::string::npos) << text;
  EXPECT_NE(text.find("2.00x sooner"), std::string::npos);
  EXPECT_NE(text.find("Trainings: medians over seeds"), std::string::npos);
}

}  // namespace
}  // namespace breakeven
