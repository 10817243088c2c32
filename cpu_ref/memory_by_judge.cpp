// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <numeric>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_judge.h"
#include "cpu_ref/round_to.h"

namespace breakeven::cpu {
namespace {

/// The judge's values, rounded once to what the results hold.
class JudgeJob : public Job {
 public:
  JudgeJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement) : op_(op) {
    for (const Tensor& operand : inputs.operands) given_.push_back(operand.clone());
    for (int64_t slot = 0; slot < placement.slots; ++slot) {
      Inputs& copy = inputs_.emplace_back();
      for (const Tensor& operand : given_) copy.operands.push_back(operand.clone());
    }
    poison();
  }
  void run(int64_t slot) override;
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made;
    for (const Tensor& t : results_[static_cast<size_t>(slot)]) made.push_back(t.clone());
    return made;
  }
  std::string implementation() const override {
    return fmt::format("plain loops in double, {} threads", omp_get_max_threads());
  }

 private:
  const MemoryOp op_;
  std::vector<Tensor> given_;
  std::vector<Inputs> inputs_;
  std::vector<std::vector<Tensor>> results_;
};

template <class T>
void round_all(std::span<const double> values, Tensor& t) {
  for (size_t i = 0; i < values.size(); ++i) round_to(values[i], t.as<T>() + i);
}

void round_into(std::span<const double> values, Tensor& t) {
  switch (t.element()) {
    case Element::fp32:
      return round_all<float>(values, t);
    case Element::bf16:
      return round_all<Bf16>(values, t);
    case Element::fp16:
      return round_all<Fp16>(values, t);
    default:
      throw Unsupported("the judge has no such results");
  }
}

void JudgeJob::run(int64_t slot) {
  std::vector<Tensor>& results = results_[static_cast<size_t>(slot)];
  std::vector<Tensor>& operands = inputs_[static_cast<size_t>(slot)].operands;
  int64_t size = 0;
  for (const Tensor& t : results) size += t.size();
  std::vector<int64_t> positions(static_cast<size_t>(size));
  std::iota(positions.begin(), positions.end(), 0);
  const std::vector<double> values = memory_at(op_, inputs_[static_cast<size_t>(slot)], positions);
  std::span<const double> left = values;
  for (size_t i = 0; i < results.size(); ++i) {
    round_into(left.first(static_cast<size_t>(results[i].size())), results[i]);
    left = left.subspan(static_cast<size_t>(results[i].size()));
    if (static_cast<int64_t>(i) < op_.in_place()) operands[i] = results[i].clone();
  }
}

void JudgeJob::poison() {
  results_.clear();
  for (Inputs& inputs : inputs_) {
    std::vector<Tensor>& results = results_.emplace_back();
    for (const ArrayShape& shape : op_.results()) {
      const size_t i = results.size();
      const bool in_place = static_cast<int64_t>(i) < op_.in_place();
      results.push_back(in_place ? given_[i].clone() : shape.make());
      if (in_place) {
        inputs.operands[i] = given_[i].clone();
      } else {
        breakeven::poison(results[i]);
      }
    }
  }
}

Reason why_not(const MemoryOp&) { return std::nullopt; }

std::unique_ptr<Job> prepare(const MemoryOp& op, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<JudgeJob>(op, inputs, placement);
}

/// The operands once more, and of every result its position and its value.
int64_t scratch(const MemoryOp& op) {
  int64_t size = 0;
  for (const ArrayShape& shape : op.results()) size += shape.size();
  return bytes(op.operands()) + 16 * size;
}

}  // namespace

Kernel memory_by_judge() {
  return {.name = "judge",
          .summary = "plain loops in double, all threads; what answers are checked against",
          .why_not = for_problem<MemoryOp>(why_not),
          .prepare = for_problem<MemoryOp>(prepare),
          .typical_rate = 3e7,
          .scratch_bytes = [](const Problem& p) { return scratch(std::get<MemoryOp>(p)); }};
}

}  // namespace breakeven::cpu
