// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <utility>

#include "cpu_ref/train/judge_batch.h"
#include "cpu_ref/train/judge_operations.h"
#include "cpu_ref/train/judge_optimizer.h"
#include "harness/rounding.h"
#include "harness/train/executable.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {

/// For tests: a backend as exact as its precision allows, every result of an operation rounded as it would be
/// stored, factors too; fp16 with its first loss scale. And one that a test can break.
class RoundedExecutable : public train::Executable {
 public:
  /// Called with the number of the step and what an operation has just written (before rounding); backward
  /// operations follow those of the forward pass.
  using Damage = std::function<void(int64_t step, const train::Op&, train::Arrays&)>;

  explicit RoundedExecutable(const train::CompileRequest& request, Damage damage = {})
      : program_(*request.program), request_(request), damage_(std::move(damage)),
        optimizer_(program_, request.optimizer) {}

  void upload(const train::Dataset& train, const train::Dataset& test) override { train_ = train, test_ = test; }
  void reset(std::span<const float> parameters) override {
    const std::vector<float> states = train::initial_states(program_);
    arrays_.parameters.assign(parameters.begin(), parameters.end());
    arrays_.states.assign(states.begin(), states.end());
    optimizer_ = JudgeOptimizer(program_, request_.optimizer);
    losses_.clear();
    step_ = 0;
  }
  void begin(const train::Order& order) override {
    samples_.assign(order.samples.begin(), order.samples.end());
    augmentation_ = {request_.augmentation, order.seed, order.epoch};
  }
  void step(int64_t first, const train::StepSettings& s) override {
    pass(first);
    optimizer_.update(program_, s.rate, s.number, arrays_);
    for (double& p : arrays_.parameters) p = static_cast<float>(p);
    ++step_;
  }
  void differentiate(int64_t first) override {
    const std::vector<double> states = arrays_.states;
    pass(first);
    arrays_.states = states;
  }
  std::vector<float> take_losses() override { return std::exchange(losses_, {}); }
  train::Evaluation evaluate() override {
    train::Evaluation e;
    for (int64_t first = 0; first + program_.batch <= test_.samples; first += program_.batch) {
      assemble_batch(program_, test_, evaluation_samples(program_, test_, first), {}, arrays_);
      for (const train::Op& op : program_.forward) run(op, train::Mode::evaluation);
      e.loss += arrays_.values[static_cast<size_t>(program_.loss)][0];
    }
    return e;
  }
  std::vector<float> parameters() override { return {arrays_.parameters.begin(), arrays_.parameters.end()}; }
  std::vector<float> gradients() override { return {arrays_.gradients.begin(), arrays_.gradients.end()}; }
  std::vector<double> value(train::ValueId id) override { return arrays_.values.at(static_cast<size_t>(id)); }
  int64_t skipped_steps() override { return 0; }
  std::vector<train::OperationTime> operation_times() override { return {}; }
  int64_t memory_bytes() const override { return 0; }
  std::string implementation() const override { return "rounded"; }

 private:
  double scale() const { return request_.precision == Precision::fp16 ? train::kFirstLossScale : 1; }

  void pass(int64_t first) {
    const auto batch = static_cast<size_t>(program_.batch);
    assemble_batch(program_, train_, std::span(samples_).subspan(static_cast<size_t>(first) * batch, batch),
                   augmentation_, arrays_);
    arrays_.gradients.assign(arrays_.parameters.size(), 0);
    for (const train::Op& op : program_.forward) run(op, train::Mode::training);
    for (const train::Op& op : program_.backward) run(op, train::Mode::training);
    for (double& g : arrays_.gradients) g = static_cast<float>(g / scale());
    losses_.push_back(static_cast<float>(arrays_.values[static_cast<size_t>(program_.loss)][0]));
  }

  double narrowed(double value) const {
    const auto wide = static_cast<float>(value);
    const auto bits = std::bit_cast<uint32_t>(wide);
    if (request_.precision == Precision::fp64) return value;
    if (request_.precision == Precision::bf16) return std::bit_cast<float>(from_bf16(to_bf16(bits)));
    if (request_.precision == Precision::fp16) return std::bit_cast<float>(from_fp16(to_fp16(bits)));
    return wide;
  }

  void run(const train::Op& op, train::Mode mode) {
    const std::vector<double> kept = arrays_.parameters;
    using enum train::OpKind;
    if (op.kind == linear || op.kind == linear_data || op.kind == conv || op.kind == conv_data) {
      const train::Parameter& p = program_.parameter(op.parameters[0]);
      for (int64_t i = p.offset; i < p.offset + p.size; ++i)
        arrays_.parameters[static_cast<size_t>(i)] = narrowed(arrays_.parameters[static_cast<size_t>(i)]);
    }
    judge_operation(program_, op, arrays_, mode);
    arrays_.parameters = kept;
    if (op.out.size() == 2 && op.out[0] == program_.loss) {
      for (double& d : arrays_.values[static_cast<size_t>(op.out[1])]) d *= scale();
    }
    if (damage_ && mode == train::Mode::training) damage_(step_, op, arrays_);
    for (const train::ValueId id : op.out) {
      const bool narrow = program_.value(id).storage == train::Storage::activation;
      for (double& v : arrays_.values[static_cast<size_t>(id)]) v = narrow ? narrowed(v) : static_cast<float>(v);
    }
  }

  const train::Program program_;
  const train::CompileRequest request_;
  const Damage damage_;
  JudgeOptimizer optimizer_;
  train::Dataset train_, test_;
  std::vector<uint32_t> samples_;
  BatchAugmentation augmentation_;
  train::Arrays arrays_;
  std::vector<float> losses_;
  int64_t step_ = 0;
};

}  // namespace breakeven::cpu
