// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "harness/contention.h"
#include "harness/train/initial.h"

namespace breakeven::train {
namespace {

constexpr double kImpossible = 1.1;  // times the measured peak (measure.cpp)
constexpr double kDrift = 0.05;      // of the peak, before against after

void become(Result& result, Status status, std::string reason) {
  result.status = status;
  result.reason = std::move(reason);
  result.seconds.clear();
}

/// Whether the device was the same at the end as at the start.
void compare_peaks(Result& result, const Peak& before, const Peak& after) {
  result.arithmetic_peak = after.rate > before.rate ? after : before;
  if (!(before.rate > 0) || !(after.rate > 0)) return;
  const double change = after.rate / before.rate - 1;
  if (std::abs(change) > kDrift)
    result.notes.push_back(
        fmt::format("the device's arithmetic peak was {:.0f} % {} after the training than before",
                    100 * std::abs(change), change < 0 ? "lower" : "higher"));
}

/// What became of a training that ran to the end of its schedule.
void judge_end(Result& result, const Training& t) {
  const Peak& peak = result.arithmetic_peak;
  if (peak.kind == PeakKind::attainable && peak.rate > 0 && t.flops_per_second > kImpossible * peak.rate) {
    become(result, Status::wrong,
           fmt::format("impossible: {:.4g} flop/s is over {:.2g} x the measured peak of {:.4g} flop/s ({})",
                       t.flops_per_second, kImpossible, peak.rate, peak.method));
  } else if (!t.reached) {
    become(result, Status::failed,
           fmt::format("target_missed: {} {:.4f}, target {:g}", name(t.target.metric), t.quality,
                       t.target.value));
  } else {
    result.status = Status::ok;
    result.seconds = {t.phases.to_solution()};
  }
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Trainer::Trainer(Compile judge, Clock now, SystemFiles files)
    : judge_(std::move(judge)), now_(std::move(now)), files_(std::move(files)) {}

Result Trainer::train(const TrainTask& task, const Compile& compile, Device& device,
                      const TrainSettings& settings, const Progress& progress) {
  if (task.workload->needs_folder && !settings.data)
    throw Unsupported(fmt::format("{} trains on files of yours: give --data DIR", task.workload->name));
  Result result;
  progress("making the data", 0);
  const Datasets& data = data_of(task, settings);
  progress("checking the first step", 0);
  const double start = now_();
  result.check = check_first_step(task, compile, data, settings);
  result.check_seconds = now_() - start;
  if (result.check.verdict == Verdict::wrong) {
    become(result, Status::wrong, result.check.where);
  } else if (device.timing() == Timing::none) {
    result.check_seconds = 0;
    result.status = Status::ok;
  } else {
    measure(result, task, compile, device, data, settings, progress);
  }
  return result;
}

const Datasets& Trainer::data_of(const TrainTask& task, const TrainSettings& settings) {
  const std::string key =
      task.workload->definition + task.workload->name + "\n" + settings.data.value_or("").string();
  if (key != data_key_) {
    data_key_.clear(), judged_key_.clear();
    data_ = {};  // before the next are made: both might not fit
    data_ = task.workload->load(settings.data);
    data_key_ = key;
  }
  return data_;
}

Check Trainer::check_first_step(const TrainTask& task, const Compile& compile, const Datasets& data,
                                const TrainSettings& settings) {
  if (!judge_) throw std::logic_error("there is no judge to check a training against");
  Check check;
  for (int64_t draw = 0; draw < kStepDraws; ++draw) {
    const std::optional<StepQuestion> question = step_question(task, data.train, settings.seed, draw);
    if (!question) break;
    const std::string key = fmt::format("{} {} {}", question->program.batch, settings.seed, draw);
    if (key != judged_key_) {
      judged_ = first_step(judge_, task, *question, Precision::fp64, settings.threads);
      judged_key_ = key;
    }
    const FirstStep answer = first_step(compile, task, *question, task.precision, settings.threads);
    check = check_step(question->program, answer, judged_, task.precision);
    if (check.verdict == Verdict::ok) break;
  }
  return check;
}

void Trainer::measure(Result& result, const TrainTask& task, const Compile& compile, Device& device,
                      const Datasets& data, const TrainSettings& settings, const Progress& progress) {
  const Workload& w = *task.workload;
  progress("compiling", 0);
  const Program program = differentiate(w.build(task.schedule().batch));
  const std::vector<float> parameters = initial_parameters(program, settings.seed);
  const double start = now_();
  const auto executable = compile({.program = &program,
                                   .precision = task.precision,
                                   .optimizer = w.optimizer,
                                   .augmentation = w.augmentation,
                                   .threads = settings.threads,
                                   .keep_values = false});
  result.setup_seconds = now_() - start;
  result.implementation = executable->implementation();
  TrainingRun training_run(*executable, task, data, settings.seed, now_, progress);
  training_run.upload();
  progress("warming up", 0);
  training_run.warm_up(parameters, settings.most_warmup_seconds);
  std::string why;
  const bool finished = run(result, training_run, device, task, settings, &why);
  result.implementation = executable->implementation();  // again: how steps run shows while they do
  Training& t = result.training.emplace(training_run.training());
  t.phases.compile = result.setup_seconds;
  t.model_flops =
      model_flops(program) * static_cast<double>(t.evaluations.empty() ? 0 : t.evaluations.back().step);
  if (finished && t.phases.train > 0) t.flops_per_second = t.model_flops / t.phases.train;
  result.warmup_seconds = t.phases.warmup;
  if (finished) {
    judge_end(result, t);
  } else {
    become(result, Status::wrong, why);
  }
}

/// The timed part, with what is read of the machine before and after it.
bool Trainer::run(Result& result, TrainingRun& training_run, Device& device, const TrainTask& task,
                  const TrainSettings& settings, std::string* why) {
  const Peak peak = device.arithmetic_peak(task.precision);
  const CpuWaiting waiting = cpu_waiting(files_);
  const Telemetry sensors = device.telemetry();
  const double start = now_();
  const bool finished = training_run.train(why);
  const double seconds = now_() - start;
  result.telemetry = between(sensors, device.telemetry(), seconds);
  for (std::string& note : contention(waiting, cpu_waiting(files_), seconds, settings.threads))
    result.notes.push_back(std::move(note));
  compare_peaks(result, peak, device.arithmetic_peak(task.precision));
  return finished;
}

}  // namespace breakeven::train
