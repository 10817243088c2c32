// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/fake_root.h"
#include "harness/measure.h"
#include "harness/train/scripted_training.h"

namespace breakeven::train {
namespace {

struct Trains : testing::Test {
  Trains() { script.correct = {80, 95}; }
  Result train(Precision precision = Precision::fp32) {
    Trainer trainer(
        scripted::compiler(judge), [this] { return script.now; }, SystemFiles(root.path()));
    const TrainTask task{std::make_shared<const Workload>(workload), batch, precision};
    return trainer.train(task, scripted::compiler(script), device, {.seed = 7, .threads = 1, .data = {}},
                         [this](std::string_view phase, double) { lines.emplace_back(phase); });
  }
  FakeRoot root;
  Workload workload = scripted::workload();
  int64_t batch = 0;
  scripted::Script script, judge;
  scripted::ScriptedDevice device;
  std::vector<std::string> lines;
};

TEST_F(Trains, ReachedIsOneTimeToSolution) {
  const Result r = train();
  ASSERT_EQ(r.status, Status::ok) << r.reason;
  const Training& t = r.training.value();
  ASSERT_EQ(r.seconds.size(), 1u);
  EXPECT_NEAR(r.seconds[0], 2 + 20 * 0.01 + 2 * 0.5, 1e-9);
  EXPECT_NEAR(t.phases.upload, 2, 1e-9);
  EXPECT_NEAR(t.phases.train, 0.2, 1e-9);
  EXPECT_NEAR(t.phases.evaluate, 1, 1e-9);
  EXPECT_NEAR(t.phases.compile, 4, 1e-9);
  EXPECT_NEAR(t.phases.warmup, 10 * 0.01 + 0.5, 1e-9);
  EXPECT_EQ(t.phases.generate, 0.5);
  EXPECT_TRUE(t.reached);
  EXPECT_EQ(t.quality, 0.95);
  EXPECT_EQ(t.quality_loss, 0.25);
  ASSERT_EQ(t.evaluations.size(), 2u);
  EXPECT_EQ(t.evaluations[0].step, 10);
  EXPECT_EQ(t.evaluations[0].quality, 0.8);
  EXPECT_NEAR(t.evaluations[0].seconds, 2 + 0.1 + 0.5, 1e-9);
  ASSERT_TRUE(t.first_crossing);
  EXPECT_EQ(t.first_crossing->step, 20);
  EXPECT_NEAR(t.first_crossing->seconds, r.seconds[0], 1e-9);
  EXPECT_EQ(t.steps, 20);
  EXPECT_EQ(t.epochs, 2);
  EXPECT_EQ(t.seed, 7u);
  EXPECT_NEAR(t.samples_per_second, 1000, 1e-6);
  EXPECT_DOUBLE_EQ(t.model_flops, 20 * 2.0 * 2 * 10 * 4 * 2);  // forward and weights alone: nothing before
  EXPECT_NEAR(t.flops_per_second, t.model_flops / 0.2, 1e-3);
  EXPECT_EQ(t.memory_bytes, 4096);
  EXPECT_EQ(t.train_hash, "00000000000000aa");
  EXPECT_EQ(r.implementation, "scripted, stepping");  // as it is at the end
  EXPECT_EQ(r.check.metric, "step0");
  EXPECT_EQ(r.check.verdict, Verdict::ok);
  EXPECT_TRUE(r.notes.empty());
}

TEST_F(Trains, GoesThroughItsPhasesInOrder) {
  train();
  // A check of its own executable; then upload, warm-up of ten steps and an evaluation between two resets;
  // an order for each epoch.
  EXPECT_EQ(script.calls,
            "CURBd"
            "CU"
            "RBssssssssssER"
            "BssssssssssE"
            "BssssssssssE");
  EXPECT_EQ(script.requests[1].precision, Precision::fp32);
  EXPECT_EQ(judge.requests.at(0).precision, Precision::fp64);
  ASSERT_EQ(script.orders.size(), 2u);
  EXPECT_NE(script.orders[0], script.orders[1]);
  std::ranges::sort(script.orders[0]);
  for (uint32_t i = 0; i < 100; ++i) EXPECT_EQ(script.orders[0][i], i);
  EXPECT_EQ(script.firsts[9], 9);
  EXPECT_EQ(script.firsts[10], 0);  // counted anew in the next epoch
  EXPECT_EQ(script.settings[0].number, 1);
  EXPECT_EQ(script.settings[19].number, 20);
  EXPECT_FLOAT_EQ(script.settings[0].rate, 0.1f);
  EXPECT_FLOAT_EQ(script.settings[10].rate, 0.05f);
  EXPECT_EQ(lines.front(), "making the data");
  EXPECT_NE(std::ranges::find(lines, "step 20/20, loss 0.05, accuracy 0.8, about 0 s left"), lines.end())
      << lines.back();
}

TEST_F(Trains, MissedIsFailedWithoutATime) {
  script.correct = {95, 89};
  const Result r = train();
  EXPECT_EQ(r.status, Status::failed);
  EXPECT_EQ(r.reason, "target_missed: accuracy 0.8900, target 0.9");
  EXPECT_TRUE(r.seconds.empty());
  ASSERT_TRUE(r.training);
  EXPECT_FALSE(r.training->reached);
  ASSERT_TRUE(r.training->first_crossing);  // it had been there, at the first evaluation
  EXPECT_EQ(r.training->first_crossing->step, 10);
}

TEST_F(Trains, DivergenceStopsAndNamesTheStep) {
  workload.schedule.epochs = 10;
  script.losses[57] = std::nanf("");
  const Result r = train();
  EXPECT_EQ(r.status, Status::wrong);
  EXPECT_EQ(r.reason, "diverged: the loss of step 57 is nan");
  EXPECT_TRUE(r.seconds.empty());
  EXPECT_EQ(script.steps, 75);  // losses are read every 25 steps
  EXPECT_EQ(r.training->evaluations.size(), 1u);
  for (const LossPoint& p : r.training->loss_curve) EXPECT_TRUE(std::isfinite(p.loss)) << p.step;
  script.losses = {{3, INFINITY}};
  EXPECT_EQ(train().reason, "diverged: the loss of step 3 is inf");
}

TEST_F(Trains, AFirstStepThatIsNotTheJudgesIsNotTrained) {
  script.gradient_error = 2e-4f;
  const Result r = train();
  EXPECT_EQ(r.status, Status::wrong);
  EXPECT_EQ(script.calls, "CURBdCURBdCURBd") << "on three batches";
  EXPECT_NEAR(r.check.error, 2, 0.01);
  EXPECT_EQ(r.check.bound, 1);
  EXPECT_NE(r.reason.find("gradient of head"), std::string::npos) << r.reason;
  EXPECT_FALSE(r.training);
  EXPECT_EQ(train(Precision::tf32).status, Status::ok);  // whose bound is wider
}

// A choice of pooling that rounding turned stands on one batch; a fault stands on all.
TEST_F(Trains, AFirstStepMayDifferOnABatchOrTwo) {
  script.gradient_error = 2e-4f;
  for (const int64_t wrong : {1, 2}) {
    script.wrong_answers = wrong;
    EXPECT_EQ(train().status, Status::ok) << wrong;
  }
  script.wrong_answers = 3;
  EXPECT_EQ(train().status, Status::wrong);
}

TEST_F(Trains, CountsTheStepsThatLossScalingLeftOut) {
  script.skipped = 3;
  const Result r = train(Precision::fp16);
  EXPECT_EQ(r.training->skipped_steps, 3);
  EXPECT_NEAR(r.training->phases.train, 0.2, 1e-9);  // their time counts
}

TEST_F(Trains, EvaluatesAsOftenAsTheScheduleSays) {
  workload.schedule = {.batch = 10, .epochs = 1, .steps = 7, .rate = 0.1, .evaluations = 3};
  const Result r = train();
  std::vector<int64_t> steps;
  for (const EvaluationPoint& e : r.training->evaluations) steps.push_back(e.step);
  EXPECT_EQ(steps, (std::vector<int64_t>{2, 5, 7}));
  workload.schedule.evaluations = 50;  // no more than there are steps
  EXPECT_EQ(train().training->evaluations.size(), 7u);
}

TEST_F(Trains, TellsWhatTheDataCost) {
  script.data_seconds = 0.002;
  const DataPipeline d = train().training->data;
  EXPECT_NEAR(d.share_of_step, 0.2, 1e-6);
  EXPECT_NEAR(d.headroom, 4, 1e-6);
  EXPECT_NEAR(d.assembled_per_second, 5000, 1e-3);
  EXPECT_NEAR(d.generated_per_second, 200, 1e-6);
  EXPECT_NEAR(d.upload_bytes_per_second, 2 * 500 / 2.0, 1e-6);
}

TEST_F(Trains, NotesAPeakThatMovedAndRefusesTheImpossible) {
  device.peaks = {1e12, 0.9e12};
  const Result moved = train();
  ASSERT_EQ(moved.notes.size(), 1u);
  EXPECT_NE(moved.notes[0].find("10 % lower"), std::string::npos) << moved.notes[0];
  EXPECT_EQ(moved.arithmetic_peak.rate, 1e12);
  device.peaks = {1e3}, device.measured = 0;
  const Result impossible = train();
  EXPECT_EQ(impossible.status, Status::wrong);
  EXPECT_NE(impossible.reason.find("impossible"), std::string::npos);
}

TEST_F(Trains, ADeviceThatIsOnlyCheckedIsNotTimed) {
  device.timing_ = Timing::none;
  const Result r = train();
  EXPECT_EQ(r.status, Status::ok);
  EXPECT_TRUE(r.seconds.empty());
  EXPECT_EQ(script.calls, "CURBd");
}

TEST_F(Trains, RefusesWhatCannotBeTrained) {
  batch = 101;
  EXPECT_THROW(train(), std::runtime_error);
  batch = 0;
  workload.needs_folder = true;
  EXPECT_THROW(train(), Unsupported);
}

TEST_F(Trains, AnotherBatchSizeSeesAsManySamples) {
  batch = 20;
  const Result r = train();
  EXPECT_EQ(r.training->batch, 20);
  EXPECT_EQ(r.training->steps, 10);
  EXPECT_FLOAT_EQ(script.settings[0].rate, 0.2f);
}

TEST_F(Trains, MakesDataAndAsksTheJudgeOnceForAllContenders) {
  int loaded = 0;
  workload.load = [&loaded](const auto& folder) { return ++loaded, scripted::workload().load(folder); };
  Trainer trainer(
      scripted::compiler(judge), [this] { return script.now; }, SystemFiles(root.path()));
  const auto shared = std::make_shared<const Workload>(workload);
  for (const Precision p : {Precision::fp32, Precision::bf16})
    trainer.train({shared, 0, p}, scripted::compiler(script), device, {}, [](std::string_view, double) {});
  EXPECT_EQ(loaded, 1);
  EXPECT_EQ(judge.requests.size(), 1u);
  trainer.train({shared, 0, Precision::fp32}, scripted::compiler(script), device,
                {.seed = 2, .threads = 1, .data = {}}, [](std::string_view, double) {});
  EXPECT_EQ(judge.requests.size(), 2u);  // other parameters
}

TEST(LossCurve, HasABoundedNumberOfMeans) {
  for (const int64_t steps : {1, 499, 500, 501, 1953, 100000}) {
    LossCurve curve(steps);
    for (int64_t s = 0; s < steps; ++s) curve.add(static_cast<double>(s));
    const std::vector<LossPoint> points = curve.points();
    EXPECT_LE(std::ssize(points), kMostLossPoints) << steps;
    EXPECT_GE(std::ssize(points), std::min<int64_t>(steps, kMostLossPoints / 2));
    EXPECT_EQ(points.back().step, steps);
  }
  LossCurve curve(1000);
  for (const double loss : {1.0, 3.0, 5.0}) curve.add(loss);
  EXPECT_EQ(curve.points().at(0).loss, 2);
  EXPECT_EQ(curve.points().at(1).loss, 5);  // what has come since
}

TEST(Measurer, TrainsWithTheSeedOfItsLaunch) {
  scripted::Script script, judge;
  script.correct = {95};
  Kernel kernel;
  kernel.name = "scripted";
  kernel.why_not = [](const Problem&) { return Reason(); };
  kernel.compile = scripted::compiler(script);
  Backend backend;
  backend.name = backend.device_id = "cpu";
  backend.device = std::make_unique<scripted::ScriptedDevice>();
  const TrainTask task{std::make_shared<const Workload>(scripted::workload())};
  Plan plan;
  plan.seed = 40, plan.launch = 2;
  Measurer measurer(plan, {}, scripted::compiler(judge));
  const Case spec{"train", task, &backend, &kernel};
  const Result r = measurer.measure(spec, [](std::string_view, double) {});
  ASSERT_TRUE(r.training) << r.reason;
  EXPECT_EQ(r.training->seed, 42u);
  EXPECT_FALSE(r.started.empty());
  kernel.typical_rate = 1;  // operation a second
  EXPECT_NE(measurer.measure(spec, [](std::string_view, double) {}).reason.find("minutes to train"),
            std::string::npos);
}

}  // namespace
}  // namespace breakeven::train
