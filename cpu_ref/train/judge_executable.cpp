// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_executable.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "cpu_ref/cpu.h"
#include "cpu_ref/train/judge_batch.h"
#include "cpu_ref/train/judge_loss.h"
#include "cpu_ref/train/judge_operations.h"
#include "cpu_ref/train/judge_optimizer.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {
namespace {

using namespace train;

constexpr const char* kPrecisionReason = "the judge trains in fp64 alone";

std::vector<float> rounded(const std::vector<double>& values) { return {values.begin(), values.end()}; }

/// The threads of the loops, while it lives: other executables have their own number.
class ThreadsOf {
 public:
  explicit ThreadsOf(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~ThreadsOf() { omp_set_num_threads(before_); }
  ThreadsOf(const ThreadsOf&) = delete;
  ThreadsOf& operator=(const ThreadsOf&) = delete;

 private:
  const int before_;
};

class JudgeExecutable : public Executable {
 public:
  explicit JudgeExecutable(const CompileRequest& request)
      : program_(*request.program),
        settings_(request.optimizer),
        augmentation_{request.augmentation},
        threads_(request.threads),
        optimizer_(program_, settings_) {}

  void upload(const Dataset& train, const Dataset& test) override {
    require_fit(program_, train);
    require_fit(program_, test);
    train_ = train;
    test_ = test;
  }
  void reset(std::span<const float> parameters) override;
  void begin(const Order& order) override {
    samples_.assign(order.samples.begin(), order.samples.end());
    augmentation_.seed = order.seed;
    augmentation_.epoch = order.epoch;
  }
  void step(int64_t first, const StepSettings& settings) override {
    forward_backward(first);
    timed("optimizer", [&] { optimizer_.update(program_, settings.rate, settings.number, arrays_); });
  }
  void differentiate(int64_t first) override {
    const std::vector<double> states = arrays_.states;
    forward_backward(first);
    arrays_.states = states;
  }
  std::vector<float> take_losses() override { return std::exchange(losses_, {}); }
  Evaluation evaluate() override;

  std::vector<float> parameters() override { return rounded(arrays_.parameters); }
  std::vector<float> gradients() override { return rounded(arrays_.gradients); }
  std::vector<double> value(ValueId id) override { return arrays_.values.at(static_cast<size_t>(id)); }
  int64_t skipped_steps() override { return 0; }
  std::vector<OperationTime> operation_times() override { return times_; }
  int64_t memory_bytes() const override;
  std::string implementation() const override {
    return fmt::format("plain loops in double, {} threads", threads_);
  }

 private:
  void forward_backward(int64_t first);
  void run(const std::vector<Op>& ops, Mode mode) {
    for (const Op& op : ops)
      timed(operation_class(op.kind), [&] { judge_operation(program_, op, arrays_, mode); });
  }
  void count_batch(int64_t samples, Evaluation&) const;

  template <class Work>
  void timed(std::string_view name, const Work& work) {
    const ThreadsOf threads(threads_);
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    auto at = std::ranges::find(times_, name, &OperationTime::name);
    if (at == times_.end()) at = times_.insert(at, {std::string(name), 0});
    at->seconds += seconds.count();
  }

  const Program program_;
  const Optimizer settings_;
  BatchAugmentation augmentation_;
  const int threads_;
  Dataset train_, test_;
  std::vector<uint32_t> samples_;
  Arrays arrays_;
  JudgeOptimizer optimizer_;
  std::vector<float> losses_;
  std::vector<OperationTime> times_;
};

void JudgeExecutable::reset(std::span<const float> parameters) {
  if (static_cast<int64_t>(parameters.size()) != program_.arena_size())
    throw std::invalid_argument(
        fmt::format("an arena of {} parameters, not {}", parameters.size(), program_.arena_size()));
  const std::vector<float> states = initial_states(program_);
  arrays_.parameters.assign(parameters.begin(), parameters.end());
  arrays_.gradients.assign(parameters.size(), 0.0);
  arrays_.states.assign(states.begin(), states.end());
  optimizer_ = JudgeOptimizer(program_, settings_);
  losses_.clear();
  times_.clear();
}

void JudgeExecutable::forward_backward(int64_t first) {
  const auto batch = static_cast<size_t>(program_.batch), at = static_cast<size_t>(first) * batch;
  if (first < 0 || at + batch > samples_.size())
    throw std::out_of_range(
        fmt::format("batch {} of {} samples in an order of {}", first, batch, samples_.size()));
  timed("data", [&] {
    assemble_batch(program_, train_, std::span(samples_).subspan(at, batch), augmentation_, arrays_);
  });
  run(program_.forward, Mode::training);
  run(program_.backward, Mode::training);
  losses_.push_back(static_cast<float>(arrays_.values[static_cast<size_t>(program_.loss)][0]));
}

/// Adds what the logits say of the batch's first `samples` samples: those behind them fill it up.
void JudgeExecutable::count_batch(int64_t samples, Evaluation& e) const {
  const std::vector<double>& logits = arrays_.values[static_cast<size_t>(program_.logits)];
  const std::vector<double>& labels = arrays_.values[static_cast<size_t>(program_.inputs.labels)];
  const auto rows = static_cast<int64_t>(labels.size()) / program_.batch * samples;
  const auto classes = static_cast<int64_t>(logits.size() / labels.size());
  const bool binary = program_.forward.back().kind == OpKind::binary_cross_entropy;
  for (int64_t r = 0; r < rows; ++r) {
    const double *row = logits.data() + r * classes, label = labels[static_cast<size_t>(r)];
    if (binary) {
      e.loss += binary_cross_entropy_of(*row, label);
      e.scores.push_back(static_cast<float>(*row));
    } else {
      e.loss += cross_entropy_of(row, classes, static_cast<int64_t>(label));
      e.correct += std::max_element(row, row + classes) - row == static_cast<int64_t>(label) ? 1 : 0;
    }
  }
  e.rows += rows;
}

Evaluation JudgeExecutable::evaluate() {
  Evaluation e;
  timed("evaluation", [&] {
    for (int64_t first = 0; first < test_.samples; first += program_.batch) {
      assemble_batch(program_, test_, evaluation_samples(program_, test_, first), {}, arrays_);
      for (const Op& op : program_.forward) judge_operation(program_, op, arrays_, Mode::evaluation);
      count_batch(std::min(program_.batch, test_.samples - first), e);
    }
  });
  if (e.rows > 0) e.loss /= static_cast<double>(e.rows);
  return e;
}

int64_t JudgeExecutable::memory_bytes() const {
  int64_t elements = program_.state_size();
  for (const Value& v : program_.values) elements += v.size();
  const int64_t moments = settings_.kind == OptimizerKind::adamw ? 2 : 1;
  elements += (2 + moments) * program_.arena_size();
  return static_cast<int64_t>(sizeof(double)) * elements + train_.bytes() + test_.bytes();
}

Reason why_not(const TrainTask& task) {
  return task.precision == Precision::fp64 ? Reason() : Reason(kPrecisionReason);
}

std::unique_ptr<Job> prepare(const TrainTask&, const Inputs&, const Placement&) {
  throw std::logic_error("a training is compiled, not prepared");
}

}  // namespace

std::unique_ptr<Executable> compile_judge(const CompileRequest& request) {
  if (request.precision != Precision::fp64) throw Unsupported(kPrecisionReason);
  return std::make_unique<JudgeExecutable>(request);
}

Kernel train_judge() {
  return {.name = "judge",
          .summary = "plain loops in double, all threads; what answers are checked against",
          .why_not = for_problem<TrainTask>(why_not),
          .prepare = for_problem<TrainTask>(prepare),
          .typical_rate = 1e10,
          .scratch_bytes = {},
          .compile = compile_judge};
}

}  // namespace breakeven::cpu
