// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "harness/train/order.h"
#include "harness/train/quality.h"

namespace breakeven::train {
namespace {

constexpr int64_t kWarmupSteps = 10;
constexpr int64_t kWindowsTogether = 1 << 20;

/// Steps between two calls of begin().
int64_t stretch(const Schedule& s, const Dataset& train) {
  if (train.kind == DataKind::text) return std::max<int64_t>(kWindowsTogether / s.batch, 1);
  const int64_t steps = train.samples / s.batch;
  if (steps < 1)
    throw std::runtime_error(
        fmt::format("a batch of {} is larger than the training data, {} samples: "
                    "choose a smaller one",
                    s.batch, train.samples));
  return steps;
}

std::string time_left(double seconds) {
  return seconds < 90 ? fmt::format("about {:.0f} s left", seconds)
                      : fmt::format("about {:.0f} min left", seconds / 60);
}

int64_t steps_of(const TrainTask& task, const Datasets& data) {
  const int64_t samples =
      data.train.kind == DataKind::text ? std::ssize(data.train.tokens) : data.train.samples;
  return step_count(task.schedule(), samples);
}

}  // namespace

std::vector<int64_t> evaluation_steps(const Schedule& schedule, int64_t steps) {
  const int64_t count = std::clamp<int64_t>(schedule.evaluations, 1, std::max<int64_t>(steps, 1));
  std::vector<int64_t> due;
  for (int64_t e = 1; e <= count; ++e)
    due.push_back(
        std::llround(static_cast<double>(steps) * static_cast<double>(e) / static_cast<double>(count)));
  return due;
}

void LossCurve::add(double loss) {
  ++step_, ++held_, sum_ += loss;
  if (held_ < stride_) return;
  points_.push_back({step_, sum_ / static_cast<double>(held_)});
  sum_ = 0, held_ = 0;
}

std::vector<LossPoint> LossCurve::points() const {
  std::vector<LossPoint> all = points_;
  if (held_ > 0) all.push_back({step_, sum_ / static_cast<double>(held_)});
  return all;
}

TrainingRun::TrainingRun(Executable& executable, const TrainTask& task, const Datasets& data, uint64_t seed,
                         Clock now, Progress progress)
    : executable_(executable),
      data_(data),
      schedule_(task.schedule()),
      metric_(task.workload->target.metric),
      now_(std::move(now)),
      progress_(std::move(progress)),
      per_stretch_(stretch(schedule_, data.train)),
      curve_(steps_of(task, data)) {
  training_.workload = task.workload->name;
  training_.target = task.workload->target;
  training_.batch = schedule_.batch;
  training_.steps = steps_of(task, data);
  training_.seed = seed;
  training_.phases.generate = data.generate_seconds;
  training_.train_hash = data.train_hash, training_.test_hash = data.test_hash;
  const double taken = static_cast<double>(training_.steps * schedule_.batch);
  training_.epochs = data.train.kind == DataKind::text ? taken * static_cast<double>(data.train.window) /
                                                             static_cast<double>(data.train.tokens.size())
                                                       : taken / static_cast<double>(data.train.samples);
}

double TrainingRun::timed(const std::function<void()>& work) const {
  const double start = now_();
  work();
  return now_() - start;
}

void TrainingRun::upload() {
  training_.phases.upload = timed([&] { executable_.upload(data_.train, data_.test); });
}

void TrainingRun::warm_up(std::span<const float> parameters, double most_seconds) {
  const double start = now_();
  executable_.reset(parameters);
  // The data's own first samples, which are as good as any: everything learned of them is reset.
  std::vector<uint32_t> order(static_cast<size_t>(schedule_.batch));
  if (data_.train.kind != DataKind::text) std::iota(order.begin(), order.end(), 0u);
  executable_.begin({order, training_.seed, 0});
  for (int64_t i = 1; i <= kWarmupSteps; ++i) {
    executable_.step(0, {0, i});
    executable_.take_losses();
    if (now_() - start >= most_seconds) break;
  }
  if (now_() - start < most_seconds) executable_.evaluate();
  executable_.reset(parameters);
  training_.phases.warmup = now_() - start;
}

bool TrainingRun::train(std::string* why) {
  bool finite = true;
  start_ = now_();
  for (const int64_t due : evaluation_steps(schedule_, training_.steps)) {
    finite = train_until(due, why) && evaluate(why);
    if (!finite) break;
  }
  close();
  return finite;
}

bool TrainingRun::train_until(int64_t due, std::string* why) {
  bool finite = true;
  training_.phases.train += timed([&] {
    while (finite && step_ < due) {
      if (step_ % per_stretch_ == 0) begin_stretch();
      const auto rate = static_cast<float>(rate_at(schedule_, step_, training_.steps));
      executable_.step(step_ % per_stretch_, {rate, step_ + 1});
      if (++step_ % kLossInterval == 0 || step_ == due) finite = collect(why);
    }
  });
  return finite;
}

void TrainingRun::begin_stretch() {
  order_seconds_ += timed([&] {
    const std::vector<uint32_t> order = order_of_stretch();
    executable_.begin({order, training_.seed, static_cast<uint64_t>(step_ / per_stretch_)});
  });
}

std::vector<uint32_t> TrainingRun::order_of_stretch() const {
  const Dataset& train = data_.train;
  if (train.kind != DataKind::text)
    return epoch_order(training_.seed, static_cast<uint64_t>(step_ / per_stretch_), train.samples);
  const int64_t steps = std::min(per_stretch_, training_.steps - step_);
  return window_starts(training_.seed, step_ * schedule_.batch, steps * schedule_.batch,
                       std::ssize(train.tokens), train.window);
}

/// Waits for the steps so far.
bool TrainingRun::collect(std::string* why) {
  double last = 0;
  for (const float loss : executable_.take_losses()) {
    ++seen_;
    if (!std::isfinite(loss)) {
      *why = fmt::format("diverged: the loss of step {} is {}", seen_, loss);
      return false;
    }
    curve_.add(last = loss);
  }
  show(last);
  return true;
}

bool TrainingRun::evaluate(std::string* why) {
  Evaluation found;
  EvaluationPoint point{step_, 0, 0, 0};
  training_.phases.evaluate += timed([&] {
    found = executable_.evaluate();
    point.quality = quality_of(found, metric_, data_.test.labels);
  });
  point.loss = found.loss;
  point.seconds = training_.phases.to_solution();
  training_.quality = point.quality;
  training_.quality_loss = point.loss;
  if (!std::isfinite(found.loss) || !std::isfinite(point.quality)) {
    *why = fmt::format("diverged: after step {} the loss of the test set is {}, its {} {}", step_, found.loss,
                       name(metric_), point.quality);
    return false;
  }
  training_.evaluations.push_back(point);
  if (!training_.first_crossing && training_.target.reached_by(point.quality))
    training_.first_crossing = {step_, point.seconds};
  return true;
}

void TrainingRun::show(double loss) const {
  const auto done = static_cast<double>(step_), all = static_cast<double>(training_.steps);
  std::string line = fmt::format("step {}/{}, loss {:.3g}", step_, training_.steps, loss);
  if (!training_.evaluations.empty()) line += fmt::format(", {} {:.4g}", name(metric_), training_.quality);
  progress_(fmt::format("{}, {}", line, time_left((now_() - start_) / done * (all - done))), 0);
}

void TrainingRun::close() {
  Training& t = training_;
  t.reached =
      !t.evaluations.empty() && t.evaluations.back().step == t.steps && t.target.reached_by(t.quality);
  t.loss_curve = curve_.points();
  t.skipped_steps = executable_.skipped_steps();
  t.memory_bytes = executable_.memory_bytes();
  t.operations = executable_.operation_times();
  const double samples = static_cast<double>(step_ * t.batch), train = t.phases.train;
  if (train > 0) t.samples_per_second = samples / train;
  const Dataset& data = data_.train;
  const double made = static_cast<double>(data.kind == DataKind::text
                                              ? std::ssize(data.tokens) / std::max<int64_t>(data.window, 1)
                                              : data.samples);
  if (t.phases.generate > 0) t.data.generated_per_second = made / t.phases.generate;
  if (t.phases.upload > 0)
    t.data.upload_bytes_per_second = static_cast<double>(data.bytes() + data_.test.bytes()) / t.phases.upload;
  const auto batches = std::ranges::find(t.operations, "data", &OperationTime::name);
  if (batches == t.operations.end() || !(train > 0)) return;
  const double seconds = batches->seconds + order_seconds_;
  if (!(seconds > 0)) return;
  t.data.assembled_per_second = samples / seconds;
  t.data.share_of_step = seconds / train;
  t.data.headroom = std::max(train - seconds, 0.0) / seconds;
}

}  // namespace breakeven::train
