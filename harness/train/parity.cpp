// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/parity.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/backend.h"
#include "harness/train/gates.h"
#include "harness/train/initial.h"
#include "harness/train/operation_check.h"
#include "harness/train/order.h"
#include "harness/train/step_check.h"

namespace breakeven::train {
namespace {

template <class T>
std::vector<T> head(const std::vector<T>& all, int64_t count) {
  return {all.begin(), all.begin() + std::min(std::ssize(all), count)};
}

/// The first samples as a data set of their own.
Dataset first_samples(const Dataset& all, int64_t samples) {
  Dataset few = all;
  few.samples = std::min(samples, all.samples);
  few.pixels = head(all.pixels, few.samples * all.channels * all.height * all.width);
  few.labels = head(all.labels, few.samples);
  few.tokens = head(all.tokens, few.samples * all.window + 1);
  few.dense = head(all.dense, few.samples * all.dense_features);
  few.rows = head(all.rows, few.samples * all.fields);
  return few;
}

/// The samples of epoch `epoch`; of text, which has none, the windows of that many steps.
struct Epochs {
  const Dataset& train;
  int64_t batch, text_steps;
  uint64_t seed;
  int64_t steps() const { return train.kind == DataKind::text ? text_steps : train.samples / batch; }
  std::vector<uint32_t> order(int64_t epoch) const {
    if (train.kind != DataKind::text) return epoch_order(seed, static_cast<uint64_t>(epoch), train.samples);
    return window_starts(seed, epoch * steps() * batch, steps() * batch, std::ssize(train.tokens),
                         train.window);
  }
};

/// A workload at the size of a parity run, and the judge's answers to it.
class Parity {
 public:
  Parity(const Workload& workload, const Datasets& data, const ParityJudge& judge,
         const ParitySettings& settings)
      : workload_(workload),
        data_(data),
        judge_(judge),
        settings_(settings),
        schedule_(with_batch(workload.schedule, workload.optimizer.kind, settings.batch)),
        program_(differentiate(workload.build(settings.batch))),
        start_(initial_parameters(program_, settings.seed)),
        test_(first_samples(data.test, 2 * settings.batch + 3)),
        epochs_{data.train, settings.batch, settings.steps, settings.seed} {
    if (epochs_.steps() < 1)
      throw std::runtime_error(fmt::format("a batch of {} is larger than the training data, {} samples",
                                           settings.batch, data.train.samples));
    judge_executable_ = place(judge.compile, Precision::fp64, true);
    judge_curve_ = run(*judge_executable_);
  }

  std::vector<GateResult> gates(const ParityContender& contender) {
    std::vector<GateResult> found = gates_of_a_step(contender);
    const auto executable = place(contender.compile, contender.precision, false);
    const Curve curve = run(*executable), again = run(*executable);
    found.push_back(curve_gate(contender.precision, curve, judge_curve_));
    found.push_back(average_gate(curve.losses, judge_curve_.losses));
    found.push_back(repeat_gate(curve, again));
    for (GateResult& g : found) {
      const std::string own = fmt::format("{} {}", contender.name, name(contender.precision));
      g.pair = own + " : " + (g.gate == "L6" ? "itself" : "judge");
    }
    return found;
  }

 private:
  std::unique_ptr<Executable> place(const Compile& compile, Precision precision, bool keep_values) const {
    auto executable = compile({.program = &program_,
                               .precision = precision,
                               .optimizer = workload_.optimizer,
                               .augmentation = workload_.augmentation,
                               .threads = settings_.threads,
                               .keep_values = keep_values});
    executable->upload(data_.train, test_);
    return executable;
  }

  /// One batch of each of the first two epochs, in both; leaves the judge and the contender at step 0.
  GateResult same_start(Executable& executable) {
    WorstGate worst("L0");
    Executable& judge = *judge_executable_;
    for (Executable* e : {&executable, &judge}) e->reset(start_);
    const std::vector<float> held = executable.parameters();
    worst.look(held == start_ ? 0 : 1, 0, "parameters after reset are not those given");
    uint64_t orders[2];
    for (const int64_t epoch : {1, 0}) {
      const std::vector<uint32_t> order = epochs_.order(epoch);
      orders[epoch] = fingerprint(order);
      const int64_t batch = epoch == 1 ? epochs_.steps() - 1 : 0;
      for (Executable* e : {&executable, &judge}) {
        e->begin({order, settings_.seed, static_cast<uint64_t>(epoch)});
        e->differentiate(batch);
      }
      compare_batches(program_, executable, judge, fmt::format("batch {} of epoch {}", batch + 1, epoch + 1),
                      worst);
    }
    GateResult result = worst.result();
    if (result.verdict == Verdict::ok)
      result.where = fmt::format("data {} {}, parameters {:016x}, epochs {:016x} {:016x}", data_.train_hash,
                                 data_.test_hash, fingerprint(start_), orders[0], orders[1]);
    return result;
  }

  std::vector<GateResult> gates_of_a_step(const ParityContender& contender) {
    const auto executable = place(contender.compile, contender.precision, true);
    std::vector<GateResult> found{same_start(*executable)};
    Executable& judge = *judge_executable_;
    found.push_back(check_operations(program_, contender.precision, *executable, start_, judge_.operation));
    Check step;
    for (int64_t batch = 0; batch < std::min(kStepDraws, epochs_.steps()); ++batch) {
      if (batch > 0) {
        for (Executable* e : {executable.get(), &judge}) e->differentiate(batch);
      }
      step = check_step(program_, {executable->take_losses().back(), executable->gradients()},
                        {judge.take_losses().back(), judge.gradients()}, contender.precision);
      if (step.verdict == Verdict::ok) break;
    }
    found.push_back(judged("L2", step.error, step.bound, step.where));
    return found;
  }

  Curve run(Executable& executable) const {
    executable.reset(start_);
    const int64_t total = step_count(
        schedule_, data_.train.kind == DataKind::text ? std::ssize(data_.train.tokens) : data_.train.samples);
    for (int64_t step = 0; step < settings_.steps; ++step) {
      const int64_t epoch = step / epochs_.steps(), at = step % epochs_.steps();
      if (at == 0) {
        const std::vector<uint32_t> order = epochs_.order(epoch);
        executable.begin({order, settings_.seed, static_cast<uint64_t>(epoch)});
      }
      executable.step(
          at, {static_cast<float>(rate_at(schedule_, step, std::max(total, settings_.steps))), step + 1});
    }
    Curve curve{executable.take_losses(), executable.evaluate(), executable.parameters(), 0};
    curve.skipped = executable.skipped_steps();
    return curve;
  }

  const Workload& workload_;
  const Datasets& data_;
  const ParityJudge& judge_;
  const ParitySettings settings_;
  const Schedule schedule_;
  const Program program_;
  const std::vector<float> start_;
  const Dataset test_;
  const Epochs epochs_;
  std::unique_ptr<Executable> judge_executable_;
  Curve judge_curve_;
};

}  // namespace

std::vector<ParityRow> run_parity(const Workload& workload, const Datasets& data,
                                  std::span<const ParityContender> contenders, const ParityJudge& judge,
                                  const ParitySettings& settings,
                                  const std::function<void(const ParityRow&)>& row) {
  Parity parity(workload, data, judge, settings);
  std::vector<ParityRow> rows;
  for (const ParityContender& contender : contenders) {
    ParityRow found{contender.name, contender.precision, {}, ""};
    try {
      found.gates = parity.gates(contender);
    } catch (const Unsupported& error) {
      found.reason = error.what();
    } catch (const std::exception& error) {
      found.gates = {judged("L0", 1, 0, error.what())};
    }
    rows.push_back(found);
    if (row) row(rows.back());
  }
  return rows;
}

}  // namespace breakeven::train
