// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/measure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>

namespace breakeven {
namespace {

constexpr Gemm kProblem{.m = 8, .n = 8, .k = 8};
constexpr double kFlops = 2.0 * 8 * 8 * 8;

/// What a test wants its contender and its device to do, and what they were seen to do.
struct Script {
  double seconds_per_execution = 1e-3;
  double own_seconds = 0;  // what an execution says of itself
  double jitter = 0;       // relative, alternating sign
  Peak peak{1e15, PeakKind::attainable, "scripted"};
  Peak copy{1e15, PeakKind::attainable, "scripted"};
  int64_t available = int64_t{1} << 30;
  int right_answers = 1 << 30;  // how many outputs are right before they turn wrong
  std::function<void()> on_prepare = [] {}, on_run = [] {};

  std::vector<int64_t> slots;
  int evictions = 0, peaks = 0, prepared = 0, timings = 0;
  int64_t placed = 0;
};

class ScriptedDevice : public Device {
 public:
  explicit ScriptedDevice(Script& script) : script_(script) {}
  DeviceInfo info() const override {
    return {"cpu", "scripted", int64_t{1} << 33, script_.available, 4096, 1, {}};
  }
  double time(const std::function<void()>& work) override {
    const size_t before = script_.slots.size();
    work();
    const double sign = script_.timings++ % 2 ? 1 : -1;
    return static_cast<double>(script_.slots.size() - before) * script_.seconds_per_execution *
           (1 + sign * script_.jitter);
  }
  void evict_caches() override { ++script_.evictions; }
  Peak arithmetic_peak(Precision) override { return ++script_.peaks, script_.peak; }
  Peak copy_rate() override { return script_.copy; }

 private:
  Script& script_;
};

class ScriptedJob : public Job {
 public:
  ScriptedJob(Script& script, const Inputs& inputs) : script_(script), inputs_(inputs) {}
  void run(int64_t slot) override {
    script_.on_run();
    script_.slots.push_back(slot);
  }
  void poison() override {}
  std::vector<Tensor> outputs(int64_t) override {
    Tensor out(Element::fp32, {1, 8, 8});
    const bool right = script_.right_answers-- > 0;
    for (int i = 0; i < 64; ++i) {
      double sum = 0;
      for (int p = 0; p < 8; ++p)
        sum += inputs_.operands[0].at(i / 8 * 8 + p) * inputs_.operands[1].at(p * 8 + i % 8);
      out.as<float>()[i] = right ? static_cast<float>(sum) : 7.0f;
    }
    std::vector<Tensor> made;
    made.push_back(std::move(out));
    return made;
  }
  std::string implementation() const override { return "scripted 1.0"; }
  double reorder_seconds() const override { return 0.25; }
  double own_seconds() const override { return script_.own_seconds; }

 private:
  Script& script_;
  const Inputs& inputs_;
};

std::vector<double> judge(const Problem&, const Inputs& inputs, std::span<const int64_t> probes) {
  std::vector<double> out;
  for (int64_t at : probes) {
    double sum = 0;
    for (int p = 0; p < 8; ++p)
      sum += inputs.operands[0].at(at / 8 * 8 + p) * inputs.operands[1].at(p * 8 + at % 8);
    out.push_back(sum);
  }
  return out;
}

struct Measuring : testing::Test {
  Measuring() {
    kernel.name = "scripted";
    kernel.why_not = [](const Problem&) { return Reason(); };
    kernel.prepare = [this](const Problem&, const Inputs& inputs, const Placement& placement) {
      ++script.prepared;
      script.placed = placement.slots;
      script.on_prepare();
      return std::make_unique<ScriptedJob>(script, inputs);
    };
    backend.name = backend.device_id = "cpu";
    backend.device = std::make_unique<ScriptedDevice>(script);
    plan.budget = {.interval = 0.01,
                   .min_samples = 11,
                   .min_seconds = 0,
                   .max_seconds = 0.05,
                   .max_seconds_when_wide = 0.1,
                   .min_sample_seconds = 1e-4,
                   .max_warmup_seconds = 0.01,
                   .patience_seconds = 10};
  }
  Result measure() {
    Measurer measurer(plan, judge);
    return measurer.measure({"gemm", kProblem, &backend, &kernel}, [](std::string_view, double) {});
  }
  Script script;
  Kernel kernel;
  Backend backend;
  Plan plan;
};

TEST_F(Measuring, RecordsWhatASteadyContenderTakes) {
  const Result r = measure();
  ASSERT_EQ(r.status, Status::ok) << r.reason;
  EXPECT_EQ(r.seconds.size(), 11u);
  EXPECT_TRUE(std::ranges::all_of(r.seconds, [](double s) { return std::abs(s - 1e-3) < 1e-12; }));
  EXPECT_EQ(r.stop, Stop::interval);
  EXPECT_EQ(r.check.verdict, Verdict::ok);
  EXPECT_EQ(r.implementation, "scripted 1.0");
  EXPECT_EQ(r.reorder_seconds, 0.25);
  EXPECT_DOUBLE_EQ(r.first_call_seconds, 1e-3);
  EXPECT_FALSE(r.started.empty());
}

TEST_F(Measuring, GoesOnUntilTimeIsUpWhenTheIntervalStaysWide) {
  script.jitter = 0.2;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::ok);
  EXPECT_EQ(r.stop, Stop::time);
  EXPECT_GT(r.interval, 0.01);
}

TEST_F(Measuring, TakesExactlyTheSamplesAskedFor) {
  plan.samples = 23;
  const Result r = measure();
  EXPECT_EQ(r.seconds.size(), 23u);
  EXPECT_EQ(r.stop, Stop::samples);
}

TEST_F(Measuring, TakesFiveSamplesOfASlowContender) {
  plan.budget.max_seconds = 1e-9;
  EXPECT_EQ(measure().seconds.size(), 5u);
}

TEST_F(Measuring, BatchesShortExecutionsAndRecordsTimePerExecution) {
  script.seconds_per_execution = 1e-6;
  const Result r = measure();
  EXPECT_NEAR(static_cast<double>(r.batch), 100, 1);
  EXPECT_NEAR(r.seconds.front(), 1e-6, 1e-12);
}

TEST_F(Measuring, RotatesThroughEverySetInTurn) {
  const Result r = measure();
  // Two 4 KiB caches' worth of 768-byte sets.
  EXPECT_EQ(script.placed, 11);
  EXPECT_EQ(r.rotation_bytes, 11 * 768);
  const std::vector<int64_t>& s = script.slots;
  for (size_t i = 2; i + 1 < s.size(); ++i) EXPECT_EQ(s[i], (s[i - 1] + 1) % 11) << i;
}

TEST_F(Measuring, IsolatedEvictsBeforeEveryExecution) {
  plan.regime = Regime::isolated;
  script.seconds_per_execution = 1e-6;
  const Result r = measure();
  EXPECT_EQ(r.batch, 1);
  EXPECT_EQ(r.rotation_bytes, 0);
  EXPECT_EQ(script.placed, 1);
  EXPECT_EQ(script.evictions, static_cast<int>(script.slots.size()) - 2);  // all but the two that are checked
}

TEST_F(Measuring, AWrongAnswerHasNoTime) {
  script.right_answers = 0;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::wrong);
  EXPECT_TRUE(r.seconds.empty());
  EXPECT_NE(r.reason.find("expected"), std::string::npos);
  EXPECT_EQ(script.slots.size(), 1u);  // nothing was timed after it
}

TEST_F(Measuring, AnAnswerThatTurnsWrongHasNoTimeEither) {
  script.right_answers = 1;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::wrong);
  EXPECT_TRUE(r.seconds.empty());
  EXPECT_NE(r.reason.find("after"), std::string::npos);
}

TEST_F(Measuring, ARateAboveThePeakIsImpossibleAfterMeasuringBothAgain) {
  script.peak.rate = kFlops / 1e-3 / 1.2;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::wrong);
  EXPECT_NE(r.reason.find("impossible"), std::string::npos);
  EXPECT_TRUE(r.seconds.empty());
  EXPECT_EQ(script.peaks, 4);  // once, and three times again
  script.peak.rate = kFlops / 1e-3 / 1.05;
  EXPECT_EQ(measure().status, Status::ok);
}

TEST_F(Measuring, APeakThatIsOnlyALowerBoundAccusesNobody) {
  script.peak = {kFlops / 1e-3 / 2, PeakKind::lower_bound, "scripted"};
  EXPECT_EQ(measure().status, Status::ok);
}

TEST_F(Measuring, ARateBeyondTheCopyRateIsANote) {
  script.copy.rate = 1;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::ok);
  ASSERT_EQ(r.notes.size(), 1u);
  EXPECT_NE(r.notes[0].find("caches"), std::string::npos);
}

TEST_F(Measuring, SkipsBeforeAnythingIsPlaced) {
  kernel.why_not = [](const Problem&) { return Reason("cannot"); };
  EXPECT_EQ(measure().reason, "cannot");
  kernel.why_not = [](const Problem&) { return Reason(); };
  kernel.typical_rate = 1;
  EXPECT_NE(measure().reason.find("s an execution"), std::string::npos);
  EXPECT_EQ(script.prepared, 0);
  kernel.typical_rate = 1e9;  // sounds quick enough, but the first execution takes longer than all may
  script.seconds_per_execution = 2;
  EXPECT_NE(measure().reason.find("about 2 s an execution"), std::string::npos);
  EXPECT_EQ(script.timings, 1);
  script.prepared = 0;
  kernel.typical_rate = 0;
  script.available = 1000;
  EXPECT_NE(measure().reason.find("memory"), std::string::npos);
  backend.device = nullptr;
  backend.absence = "no driver";
  const Result r = measure();
  EXPECT_EQ(r.reason, "no driver");
  EXPECT_EQ(r.status, Status::skipped);
  EXPECT_EQ(script.prepared, 0);
}

TEST_F(Measuring, PlacesFewerSetsWhenMemoryIsShortAndSaysSo) {
  script.available = 768 * 5;  // 90 % of it, less one set as made
  const Result r = measure();
  EXPECT_EQ(r.status, Status::ok);
  EXPECT_EQ(script.placed, 3);
  EXPECT_EQ(r.rotation_clamp, "memory available");
}

TEST_F(Measuring, WhatAContenderThrowsBecomesAStatus) {
  script.on_prepare = [] { throw Unsupported("not this size"); };
  EXPECT_EQ(measure().status, Status::skipped);
  script.on_prepare = [] { throw OutOfMemory("full"); };
  EXPECT_EQ(measure().status, Status::oom);
  script.on_prepare = [] { throw std::bad_alloc(); };
  EXPECT_EQ(measure().status, Status::oom);
  script.on_prepare = [] { throw std::runtime_error("library refused"); };
  const Result r = measure();
  EXPECT_EQ(r.status, Status::failed);
  EXPECT_EQ(r.reason, "library refused");
  script.on_prepare = [] { throw DeviceLost("gone"); };
  EXPECT_THROW(measure(), DeviceLost);
}

TEST_F(Measuring, AThrowInsideATimedExecutionIsAStatusToo) {
  int runs = 0;
  script.on_run = [&runs] {
    if (++runs == 40) throw std::runtime_error("launch failed");
  };
  plan.samples = 100;
  const Result r = measure();
  EXPECT_EQ(r.status, Status::failed);
  EXPECT_EQ(r.reason, "launch failed");
  script.on_run = [] {};
  EXPECT_EQ(measure().status, Status::ok);  // and the next case is measured as if nothing had been
}

// A first call of microseconds takes a process of milliseconds: a batch to suit the former lasted 20 s.
TEST_F(Measuring, ABatchByAKernelsOwnClockIsSizedByWhatAnExecutionCosts) {
  kernel.clock = Clock::own;
  script.own_seconds = 1e-6;
  script.on_run = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
  const Result r = measure();
  ASSERT_EQ(r.status, Status::ok);
  EXPECT_EQ(r.batch, 1);
  EXPECT_DOUBLE_EQ(r.seconds.front(), 1e-6);
}

}  // namespace
}  // namespace breakeven
