// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/operation_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "harness/rounding.h"
#include "harness/train/initial.h"
#include "harness/train/operation_bound.h"

namespace breakeven::train {
namespace {

double rounded(Precision precision, float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (precision == Precision::bf16) return std::bit_cast<float>(from_bf16(to_bf16(bits)));
  if (precision == Precision::fp16) return std::bit_cast<float>(from_fp16(to_fp16(bits)));
  return value;
}

bool is_product(OpKind kind) {
  using enum OpKind;
  return kind == linear || kind == linear_data || kind == conv || kind == conv_data;
}

/// One pass over a program, operation by operation.
class Checker {
 public:
  Checker(const Program& program, Precision precision, Executable& executable, std::span<const float> parameters,
          const OperationJudge& judge)
      : program_(program), precision_(precision), executable_(executable), judge_(judge),
        roundoff_(roundoff_of(precision)) {
    work_.values.resize(program.values.size());
    work_.parameters.assign(parameters.begin(), parameters.end());
    work_.gradients.assign(parameters.size(), 0);
    const std::vector<float> states = initial_states(program);
    work_.states.assign(states.begin(), states.end());
    bounds_.gradients.assign(parameters.size(), 0);
  }

  GateResult run() {
    for (const Op& op : program_.forward) {
      if (op.out.front() == program_.loss) gradients_.push_back(op.out.at(1));
      check(op);
    }
    for (const Op& op : program_.backward) {
      gradients_.insert(gradients_.end(), op.out.begin(), op.out.end());
      check(op);
    }
    check_parameter_gradients();
    return worst_.result();
  }

 private:
  /// What the executable holds, without the loss scale, which is a power of two.
  std::vector<double> own(ValueId id) {
    std::vector<double> values = executable_.value(id);
    if (scaled(id)) {
      for (double& v : values) v /= kFirstLossScale;
    }
    return values;
  }
  bool scaled(ValueId id) const {
    return precision_ == Precision::fp16 && std::ranges::find(gradients_, id) != gradients_.end();
  }

  /// Factors are read as the precision has them; puts back what it changed.
  class Factors {
   public:
    Factors(Checker& checker, const Op& op) : all_(checker.work_.parameters) {
      if (!is_product(op.kind)) return;
      const Parameter& p = checker.program_.parameter(op.parameters.at(0));
      offset_ = p.offset;
      kept_.assign(all_.begin() + p.offset, all_.begin() + p.offset + p.size);
      for (int64_t i = p.offset; i < p.offset + p.size; ++i) {
        double& value = all_[static_cast<size_t>(i)];
        value = rounded(checker.precision_, static_cast<float>(value));
      }
    }
    ~Factors() { std::ranges::copy(kept_, all_.begin() + offset_); }
    Factors(const Factors&) = delete;
    Factors& operator=(const Factors&) = delete;

   private:
    std::vector<double>& all_;
    std::vector<double> kept_;
    int64_t offset_ = 0;
  };

  void check(const Op& op) {
    for (const ValueId id : op.in) work_.values[static_cast<size_t>(id)] = own(id);
    const Factors factors(*this, op);
    judge_(program_, op, work_, Mode::training);
    Roundoff roundoff = roundoff_;
    if (!op.out.empty() && scaled(op.out.back())) roundoff.least /= kFirstLossScale;
    bound_operation({program_, op, work_, roundoff}, judge_, bounds_);
    for (size_t o = 0; o < op.out.size(); ++o) compare(op, o);
    for (const auto& ids : {op.in, op.out}) {
      for (const ValueId id : ids) std::vector<double>().swap(work_.values[static_cast<size_t>(id)]);
    }
  }

  void compare(const Op& op, size_t o) {
    const ValueId id = op.out[o];
    look(fmt::format("{} -> {}", name(op.kind), program_.value(id).name), own(id),
         work_.values[static_cast<size_t>(id)], bounds_.values[o]);
  }

  /// Rounding of the gradient itself to fp32 included.
  void check_parameter_gradients() {
    const std::vector<float> got = executable_.gradients();
    for (const Parameter& p : program_.parameters) {
      const auto part = [&](const auto& arena) {
        return std::vector<double>(arena.begin() + p.offset, arena.begin() + p.offset + p.size);
      };
      std::vector<double> bound = part(bounds_.gradients);
      const std::vector<double> expected = part(work_.gradients);
      for (size_t i = 0; i < bound.size(); ++i) bound[i] += 0x1p-24 * std::abs(expected[i]) + roundoff_.least;
      look("gradient of " + p.name, part(got), expected, bound);
    }
  }

  void look(const std::string& what, const std::vector<double>& got, const std::vector<double>& expected,
            const std::vector<double>& bound) {
    if (got.size() != expected.size()) {
      worst_.look(1, 0, fmt::format("{} has {} elements, expected {}", what, got.size(), expected.size()));
      return;
    }
    size_t at = 0;
    double ratio = -1;
    for (size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(got[i] - expected[i]);
      const double r = !std::isfinite(error) ? HUGE_VAL : error == 0 ? 0 : error / bound[i];
      if (r > ratio) ratio = r, at = i;
    }
    if (!got.empty())
      worst_.look(std::abs(got[at] - expected[at]), bound[at],
                  fmt::format("{}: element {} is {:.9g}, expected {:.9g}", what, at, got[at], expected[at]));
  }

  const Program& program_;
  Precision precision_;
  Executable& executable_;
  const OperationJudge& judge_;
  Roundoff roundoff_;
  Arrays work_;
  Bounds bounds_;
  std::vector<ValueId> gradients_;  // values that carry the loss scale
  WorstGate worst_{"L1"};
};

}  // namespace

GateResult check_operations(const Program& program, Precision precision, Executable& executable,
                            std::span<const float> parameters, const OperationJudge& judge) {
  return Checker(program, precision, executable, parameters, judge).run();
}

}  // namespace breakeven::train
