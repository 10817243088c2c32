// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "harness/train/training_run.h"

namespace breakeven::train::scripted {

/// What a test wants an executable to do, by step from 1, and what it was seen to do.
struct Script {
  double step_seconds = 0.01, evaluate_seconds = 0.5, upload_seconds = 2, compile_seconds = 4;
  std::map<int64_t, float> losses;  // of training steps; the others 1 / step
  std::vector<int64_t> correct;     // of 100 rows, evaluation by evaluation; the last one stays
  int64_t skipped = 0;
  float gradient_error = 0;           // relative, of every gradient
  int64_t wrong_answers = INT64_MAX;  // so many, then gradients are right
  double data_seconds = 0;            // of a step, told as the class "data"

  double now = 100;  // the clock
  std::string
      calls;  // "C" compile, "U" upload, "R" reset, "B" begin, "s" step, "d" differentiate, "E" evaluate
  int64_t steps = 0, evaluations = 0;  // since reset
  std::vector<StepSettings> settings;  // of all steps since reset
  std::vector<int64_t> firsts;
  std::vector<std::vector<uint32_t>> orders;
  std::vector<CompileRequest> requests;
};

/// Takes its time by the script's clock; loss and gradients of `differentiate` are the parameters, halved.
class ScriptedExecutable : public Executable {
 public:
  ScriptedExecutable(Script& script, const CompileRequest& request)
      : s_(script), judge_(request.precision == Precision::fp64) {
    note('C');
    s_.requests.push_back(request);
    if (!judge_) s_.now += s_.compile_seconds;
  }
  void upload(const Dataset& train, const Dataset& test) override {
    note('U');
    bytes_ = train.bytes() + test.bytes();
    s_.now += s_.upload_seconds;
  }
  void reset(std::span<const float> parameters) override {
    note('R');
    parameters_.assign(parameters.begin(), parameters.end());
    s_.steps = s_.evaluations = 0;
    s_.settings.clear(), s_.firsts.clear(), s_.orders.clear();
    losses_.clear();
  }
  void begin(const Order& order) override {
    note('B');
    s_.orders.emplace_back(order.samples.begin(), order.samples.end());
  }
  void step(int64_t first, const StepSettings& settings) override {
    note('s');
    ++s_.steps;
    s_.settings.push_back(settings);
    s_.firsts.push_back(first);
    s_.now += s_.step_seconds;
    const auto scripted = s_.losses.find(s_.steps);
    losses_.push_back(scripted != s_.losses.end() ? scripted->second : 1 / static_cast<float>(s_.steps));
  }
  void differentiate(int64_t) override {
    note('d');
    losses_.push_back(0.5f);
  }
  std::vector<float> take_losses() override { return std::exchange(losses_, {}); }
  Evaluation evaluate() override {
    note('E');
    s_.now += s_.evaluate_seconds;
    const auto at = std::min<size_t>(static_cast<size_t>(s_.evaluations++), s_.correct.size() - 1);
    return {.loss = 0.25, .correct = s_.correct.at(at), .rows = 100, .scores = {}};
  }
  std::vector<float> parameters() override { return parameters_; }
  std::vector<float> gradients() override {
    std::vector<float> made = parameters_;
    const bool wrong = !judge_ && s_.wrong_answers-- > 0;
    for (float& g : made) g *= 0.5f * (wrong ? 1 + s_.gradient_error : 1);
    return made;
  }
  std::vector<double> value(ValueId) override { return {}; }
  int64_t skipped_steps() override { return s_.skipped; }
  std::vector<OperationTime> operation_times() override {
    const auto steps = static_cast<double>(s_.steps);
    return {{"conv forward", 0.001 * steps}, {"data", s_.data_seconds * steps}};
  }
  int64_t memory_bytes() const override { return 4096; }
  std::string implementation() const override { return s_.steps > 0 ? "scripted, stepping" : "scripted"; }

 private:
  void note(char call) {
    if (!judge_) s_.calls += call;
  }
  Script& s_;
  bool judge_;
  int64_t bytes_ = 0;
  std::vector<float> parameters_, losses_;
};

inline Compile compiler(Script& script) {
  return [&script](const CompileRequest& request) {
    return std::make_unique<ScriptedExecutable>(script, request);
  };
}

/// 100 images of 2 x 2, of two classes, and a linear model of them; batches of 10, two epochs, two
/// evaluations; target: 0.9 of them right.
inline Workload workload() {
  Workload w;
  w.name = "tiny";
  w.definition = "tiny";
  w.schedule = {.batch = 10, .epochs = 2, .rate = 0.1, .evaluations = 2};
  w.target = {Metric::accuracy, 0.9};
  w.train_samples = 100;
  w.build = [](int64_t batch) {
    Graph g(batch);
    g.cross_entropy(g.linear("head", g.pixels(2, 2, 1), {.out = 2, .bias = Graph::Bias::yes}));
    return g;
  };
  w.load = [](const auto&) {
    Datasets d;
    d.train.samples = d.test.samples = 100;
    d.train.channels = d.test.channels = 1;
    d.train.height = d.train.width = d.test.height = d.test.width = d.train.classes = d.test.classes = 2;
    d.train.pixels.assign(400, 7), d.test.pixels = d.train.pixels;
    d.train.labels.assign(100, 1), d.test.labels = d.train.labels;
    d.generate_seconds = 0.5;
    d.train_hash = "00000000000000aa", d.test_hash = "00000000000000bb";
    return d;
  };
  return w;
}

class ScriptedDevice : public Device {
 public:
  Timing timing_ = Timing::measured;
  std::vector<double> peaks = {1e12};  // one measurement after the other; the last one stays
  size_t measured = 0;
  DeviceInfo info() const override {
    return {"cpu", "scripted", int64_t{1} << 33, int64_t{1} << 33, 4096, 1, {}};
  }
  Timing timing() const override { return timing_; }
  double time(const std::function<void()>& work) override { return work(), 1; }
  void evict_caches() override {}
  Peak arithmetic_peak(Precision) override {
    return {peaks[std::min(measured++, peaks.size() - 1)], PeakKind::attainable, "scripted"};
  }
  Peak copy_rate() override { return {}; }
};

}  // namespace breakeven::train::scripted
