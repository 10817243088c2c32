// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>

#include "harness/accuracy.h"
#include "harness/median.h"
#include "harness/placement.h"
#include "harness/rotation.h"
#include "harness/sampling.h"
#include "harness/timestamp.h"

namespace breakeven {
namespace {

// A rate above the peak by more than measuring both can explain is an error of measurement, not a fast
// kernel.
constexpr double kImpossible = 1.1;

// At most about so many samples come of a case's sampling time.
constexpr double kMostSamples = 1000;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One case on its way through the steps; each step fills in its part of the result.
struct Course {
  const Case& spec;
  const Plan& plan;
  Device& device;
  Result result;
  std::unique_ptr<Job> job;
  int64_t slots = 1;

  void place(const Inputs& inputs) {
    const Room room = timed() ? make_room(spec, plan.regime) : Room{2, 0, ""};
    slots = room.slots;
    result.rotation_bytes = room.rotation_bytes;
    result.rotation_clamp = room.clamp;
    const Stopwatch watch;
    job = spec.kernel->prepare(spec.problem, inputs, {.slots = slots});
    result.setup_seconds = watch.seconds();
    result.reorder_seconds = job->reorder_seconds();
    result.implementation = job->implementation();
  }

  bool timed() const { return device.timing() == Timing::measured; }

  /// All of it for a device that is only checked: two executions, because what the first leaves behind in
  /// workspaces and counters is what the second finds.
  Result check_only(const Inputs& inputs, const Judge& judge) {
    for (slots = 1; slots <= 2; ++slots) {
      if (right(inputs, judge, Depth::whole, nullptr)) continue;
      become(Status::wrong, result.check.where);
      return result;
    }
    result.status = Status::ok;
    result.setup_seconds = result.reorder_seconds = result.check_seconds = 0;
    return result;
  }

  /// One execution over poisoned results, held against the judge.
  bool right(const Inputs& inputs, const Judge& judge, Depth depth, double* call_seconds) {
    job->poison();
    // Not by the device's clock where the kernel has another: what waits for the host must not be held at a
    // gate.
    const auto work = [&] { job->run(slots - 1); };
    const double seconds =
        spec.kernel->clock == Clock::device ? device.time(work) : device.time_on_host(work);
    if (call_seconds) *call_seconds = spec.kernel->clock == Clock::own ? job->own_seconds() : seconds;
    const Stopwatch watch;
    const std::vector<Tensor> outputs = job->outputs(slots - 1);
    const Check found =
        check(spec.problem, inputs, outputs, judge, depth, plan.seed, spec.kernel->accumulate_roundoff);
    result.check_seconds += watch.seconds();
    if (depth == Depth::whole || found.verdict == Verdict::wrong) result.check = found;
    if (depth == Depth::whole && spec.asks == Asks::accuracy && found.verdict != Verdict::wrong)
      result.accuracy = accuracy_of(spec.problem, plan.seed, outputs.at(0), judge);
    return found.verdict != Verdict::wrong;
  }

  void sample(const Progress& progress) {
    Rotation rotation(*job, device, slots, spec.kernel->clock);
    const Budget& budget = plan.budget;
    const bool cold = plan.regime == Regime::isolated;
    const auto time = [&](int64_t executions) {
      return cold ? rotation.time_cold() : rotation.time(executions);
    };
    // Around what is timed there may be much more: emptied caches, a process started for one first call.
    const bool part = cold || spec.kernel->clock == Clock::own;
    const Stopwatch warming;
    const double first = time(1);
    const double first_cost = part ? warming.seconds() : first;
    const int64_t window = cold ? 1 : executions_within(budget.max_warmup_seconds / 20, first_cost);
    const double warm = warm_up(budget.max_warmup_seconds, [&] { return time(window); });
    result.warmup_seconds = warming.seconds();
    // Longer samples where more time may be spent: a thousand say all that a median can.
    const double spread = plan.samples ? 0 : budget.max_seconds / kMostSamples;
    const double sample_seconds = std::max(budget.min_sample_seconds, spread);
    const Stopwatch one;
    if (part) time(1);
    const double each = part ? one.seconds() : warm;
    result.batch = cold ? 1 : executions_within(sample_seconds, each);
    const double cost = each * static_cast<double>(result.batch);
    const Telemetry before = device.telemetry();
    const Stopwatch sampling;
    const Sampled sampled = sample_until_settled(
        spec.id(), budget, plan.samples, cost, [&] { return time(result.batch); },
        [&](size_t, double median_seconds) { progress("sampling", median_seconds); });
    result.telemetry = between(before, device.telemetry(), sampling.seconds());
    result.seconds = sampled.seconds;
    result.stop = sampled.stop;
    result.interval = sampled.interval;
  }

  static int64_t executions_within(double seconds, double each) {
    return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(seconds / std::max(each, 1e-9))), 1, 100000);
  }

  void become(Status status, std::string reason) {
    result.status = status;
    result.reason = std::move(reason);
    result.seconds.clear();
    result.stop = Stop::none;
    result.interval = 0;
  }
};

bool impossible(const Result& result, double flops) {
  const Peak& peak = result.arithmetic_peak;
  return peak.kind == PeakKind::attainable && peak.rate > 0 &&
         flops / median(result.seconds) > kImpossible * peak.rate;
}

}  // namespace

Measurer::Measurer(Plan plan, Judge judge, train::Compile train_judge)
    : plan_(std::move(plan)), judge_(std::move(judge)), trainer_(std::move(train_judge)) {}

Result Measurer::measure(const Case& spec, const Progress& progress) {
  const std::string started = timestamp_now();
  Result result;
  try {
    result = measure_supported(spec, progress);
  } catch (const Unsupported& e) {
    result = not_measured(Status::skipped, e.what());
  } catch (const OutOfMemory& e) {
    result = not_measured(Status::oom, e.what());
  } catch (const std::bad_alloc&) {
    result = not_measured(Status::oom, "the host has no memory left for operands and results");
  } catch (const DeviceLost&) {
    throw;
  } catch (const std::exception& e) {
    result = not_measured(Status::failed, e.what());
  }
  result.started = started;
  return result;
}

Result Measurer::measure_supported(const Case& spec, const Progress& progress) {
  if (!spec.backend->device) return not_measured(Status::skipped, spec.backend->absence);
  if (Reason reason = spec.kernel->why_not(spec.problem)) return not_measured(Status::skipped, *reason);
  if (const auto* task = std::get_if<TrainTask>(&spec.problem)) return train(spec, *task, progress);
  if (Reason reason = too_slow(spec, plan_.budget)) return not_measured(Status::skipped, *reason);
  if (Reason reason = too_large(spec)) return not_measured(Status::skipped, *reason);

  Device& device = *spec.backend->device;
  Course course{spec, plan_, device, {}, nullptr};
  progress("placing", 0);
  const Inputs& inputs = inputs_of(spec.problem);
  course.place(inputs);
  progress("checking", 0);
  if (!course.timed()) return course.check_only(inputs, judge_);
  if (!course.right(inputs, judge_, Depth::whole, &course.result.first_call_seconds)) {
    course.become(Status::wrong, course.result.check.where);
    return course.result;
  }
  if (Reason reason = too_slow(spec, plan_.budget, course.result.first_call_seconds)) {
    return not_measured(Status::skipped, *reason);
  }
  const Work work = breakeven::work(spec.problem);
  if (work.flops > 0) course.result.arithmetic_peak = peak_of(device, precision(spec.problem));
  if (work.bytes > 0) course.result.copy_rate = copy_rate_of(device);
  progress("warming up", 0);
  course.sample(progress);

  // A peak measured while others held the cores is too low: both are measured again before anything is said.
  for (int again = 0; again < 3 && impossible(course.result, work.flops); ++again) {
    course.result.arithmetic_peak = raise_peak(device, precision(spec.problem));
    course.sample(progress);
  }
  course.result.status = Status::ok;
  if (!course.right(inputs, judge_, Depth::probes, nullptr)) {
    course.become(Status::wrong,
                  "right before the timed executions, wrong after them: " + course.result.check.where);
  } else if (impossible(course.result, work.flops)) {
    course.become(
        Status::wrong,
        fmt::format("impossible: {:.4g} flop/s is over {:.2g} x the measured peak of {:.4g} flop/s ({})",
                    work.flops / median(course.result.seconds), kImpossible,
                    course.result.arithmetic_peak.rate, course.result.arithmetic_peak.method));
  } else if (course.result.copy_rate.rate > 0 &&
             work.bytes / median(course.result.seconds) > course.result.copy_rate.rate) {
    course.result.notes.push_back(
        "moves operands faster than the measured copy rate: served from caches in part");
  }
  return course.result;
}

Result Measurer::train(const Case& spec, const TrainTask& task, const Progress& progress) {
  if (Reason reason = too_slow_to_train(spec)) return not_measured(Status::skipped, *reason);
  return trainer_.train(task, spec.kernel->compile, *spec.backend->device,
                        {.seed = plan_.seed + static_cast<uint64_t>(plan_.launch),
                         .threads = plan_.threads,
                         .data = plan_.data},
                        progress);
}

const Inputs& Measurer::inputs_of(const Problem& problem) {
  const std::string wanted = fmt::format("{}/{}", breakeven::name(problem), name(precision(problem)));
  if (wanted != inputs_name_) {
    inputs_name_.clear();
    inputs_ = {};  // before the next are made: both might not fit
    inputs_ = breakeven::inputs(problem, plan_.seed);
    inputs_name_ = wanted;
  }
  return inputs_;
}

Peak Measurer::peak_of(Device& device, Precision precision) {
  const std::string key = fmt::format("{} {}", device.info().id, name(precision));
  const auto known = peaks_.find(key);
  return known != peaks_.end() ? known->second : peaks_[key] = device.arithmetic_peak(precision);
}

Peak Measurer::raise_peak(Device& device, Precision precision) {
  const Peak before = peak_of(device, precision), again = device.arithmetic_peak(precision);
  const std::string key = fmt::format("{} {}", device.info().id, name(precision));
  return peaks_[key] = again.rate > before.rate ? again : before;
}

Peak Measurer::copy_rate_of(Device& device) {
  const std::string key = device.info().id + " copy";
  const auto known = peaks_.find(key);
  return known != peaks_.end() ? known->second : peaks_[key] = device.copy_rate();
}

}  // namespace breakeven
