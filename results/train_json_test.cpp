// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/train_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

Record written_and_read(const Result& result) {
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  journal.append(sample::a_training_record(result));
  return read_result_file(folder / "a.jsonl").records.at(0);
}

TEST(TrainJson, ComesBackAsItWasWritten) {
  const Result result = sample::a_training();
  const train::Training& wrote = *result.training;
  const Record record = written_and_read(result);
  EXPECT_EQ(record.id, "train/tiny-quick/bf16/cpu.plain");
  EXPECT_EQ(record.seconds, result.seconds);  // one, of a training
  ASSERT_TRUE(record.training);
  const train::Training& t = *record.training;
  EXPECT_EQ(t.workload, "tiny-quick");
  EXPECT_EQ(t.definition_hash, "48b6616504734f77529eec0bb11abf816a432b133df7efdb9f0d4ebd7736ce2f");
  EXPECT_EQ(t.batch, 32);
  EXPECT_EQ(t.steps, 20);
  EXPECT_EQ(t.epochs, 1.5);
  EXPECT_EQ(t.seed, 18446744073709551615u);
  EXPECT_EQ(t.target.metric, train::Metric::auc);
  EXPECT_EQ(t.target.value, 0.8);
  EXPECT_EQ(t.quality, wrote.quality);
  EXPECT_EQ(t.quality_loss, wrote.quality_loss);
  EXPECT_TRUE(t.reached);
  EXPECT_EQ(t.first_crossing->step, 10);
  EXPECT_EQ(t.first_crossing->seconds, 1.5);
  EXPECT_EQ(t.phases.to_solution(), wrote.phases.to_solution());
  EXPECT_EQ(t.phases.compile, wrote.phases.compile);
  EXPECT_EQ(t.samples_per_second, 320);
  EXPECT_EQ(t.flops_per_second, 5e9);
  EXPECT_EQ(t.skipped_steps, 2);
  EXPECT_EQ(t.memory_bytes, 123456);
  ASSERT_EQ(t.operations.size(), 2u);
  EXPECT_EQ(t.operations[0].name, "linear forward");
  EXPECT_EQ(t.operations[0].seconds, 0.5);
  EXPECT_EQ(t.data.share_of_step, 0.25);
  EXPECT_TRUE(std::isnan(t.data.generated_per_second));
  ASSERT_EQ(t.loss_curve.size(), 2u);
  EXPECT_EQ(t.loss_curve[1].step, 20);
  EXPECT_EQ(t.loss_curve[1].loss, 0.5);
  ASSERT_EQ(t.evaluations.size(), 2u);
  EXPECT_EQ(t.evaluations[1].quality, wrote.evaluations[1].quality);
  EXPECT_EQ(t.train_hash, "00000000000000aa");
}

TEST(TrainJson, AMissedTargetKeepsWhatWasLearned) {
  Result result = sample::a_training();
  result.status = Status::failed, result.reason = "target_missed: auc 0.7000, target 0.8";
  result.training->reached = false, result.training->first_crossing.reset();
  const Record record = written_and_read(result);
  EXPECT_TRUE(record.seconds.empty());
  ASSERT_TRUE(record.training);
  EXPECT_FALSE(record.training->first_crossing);
  EXPECT_EQ(record.training->phases.train, 2);
}

TEST(TrainJson, NeverCarriesWhatWouldMakeTheFileInvalid) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  Result result = sample::a_training();
  result.training->quality = result.training->loss_curve[0].loss = result.training->flops_per_second = kNan;
  result.training->first_crossing->seconds = std::numeric_limits<double>::infinity();
  const Record record = written_and_read(result);
  EXPECT_TRUE(std::isnan(record.training->quality));
  EXPECT_TRUE(std::isnan(record.training->loss_curve[0].loss));
}

TEST(TrainJson, WhatIsNotATrainingIsRefusedByName) {
  const nlohmann::json whole =
      nlohmann::json::parse(sample::a_training_record(sample::a_training()).dump())["train"];
  const auto refusal = [](const nlohmann::json& json) -> std::string {
    try {
      read_training(Fields(json, "train."));
    } catch (const InvalidField& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(whole), "");
  for (const auto& item : whole.items()) {
    nlohmann::json without = whole, mistyped = whole;
    without.erase(item.key());
    mistyped[item.key()] = item.key() == "reached" ? nlohmann::json(1) : nlohmann::json(true);
    EXPECT_NE(refusal(without).find(item.key()), std::string::npos) << item.key();
    EXPECT_NE(refusal(mistyped).find(item.key()), std::string::npos) << item.key();
  }
  nlohmann::json bad = whole;
  bad["loss_curve"] = std::vector<std::pair<int, double>>(10001, {1, 0.5});
  EXPECT_NE(refusal(bad).find("at most 10000"), std::string::npos);
  bad = whole;
  bad["loss_curve"][0] = {-1, 0.5};
  EXPECT_NE(refusal(bad).find("pairs"), std::string::npos);
  bad = whole;
  bad["target"]["metric"] = "luck";
  EXPECT_NE(refusal(bad).find("accuracy, loss or auc"), std::string::npos);
  bad = whole;
  bad["evaluations"][0] = 7;
  EXPECT_NE(refusal(bad).find("objects"), std::string::npos);
}

}  // namespace
}  // namespace breakeven
