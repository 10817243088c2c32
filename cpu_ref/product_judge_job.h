// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <omp.h>

#include <functional>
#include <span>
#include <vector>

#include "cpu_ref/round_to.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// The judge as a contender, of GEMMs and of convolutions: rows of values in double, each rounded once to
/// what the result holds. kRows(problem, inputs, sink) computes them.
template <class P, auto kRows>
class ProductJudgeJob : public Job {
 public:
  ProductJudgeJob(const P& problem, const Inputs& inputs, const Placement& placement) : problem_(problem) {
    for (int64_t slot = 0; slot < placement.slots; ++slot) {
      Inputs& copy = inputs_.emplace_back();
      for (const Tensor& operand : inputs.operands) copy.operands.push_back(operand.clone());
      results_.push_back(problem.results()[0].make());
    }
    poison();
  }

  void run(int64_t slot) override {
    switch (facts(problem_.precision).output) {
      case Element::fp64:
        return round_rows<double>(slot);
      case Element::fp32:
        return round_rows<float>(slot);
      case Element::bf16:
        return round_rows<Bf16>(slot);
      case Element::fp16:
        return round_rows<Fp16>(slot);
      case Element::int32:
        return round_rows<int32_t>(slot);
      default:
        throw Unsupported("the judge has no such output type");
    }
  }
  void poison() override {
    for (Tensor& result : results_) breakeven::poison(result);
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made;
    made.push_back(results_[static_cast<size_t>(slot)].clone());
    return made;
  }
  std::string implementation() const override {
    return fmt::format("plain loops in {}, {} threads",
                       problem_.precision == Precision::fp64 ? "long double" : "double",
                       omp_get_max_threads());
  }

 private:
  template <class Out>
  void round_rows(int64_t slot) {
    Out* out = results_[static_cast<size_t>(slot)].as<Out>();
    kRows(problem_, inputs_[static_cast<size_t>(slot)], [out](int64_t row, std::span<const double> values) {
      Out* into = out + row * static_cast<int64_t>(values.size());
      for (size_t i = 0; i < values.size(); ++i) round_to(values[i], into + i);
    });
  }

  const P problem_;
  std::vector<Inputs> inputs_;
  std::vector<Tensor> results_;
};

/// The judge among the contenders of P; a rate and scratch memory as Kernel has them.
template <class P, auto kRows>
Kernel product_judge(double typical_rate, std::function<int64_t(const Problem&)> scratch_bytes) {
  const auto why_not = [](const P& problem) -> Reason {
    if (problem.precision == Precision::u8) return "u8 is for plain bytes, not for products";
    return std::nullopt;
  };
  const auto prepare = [](const P& problem, const Inputs& inputs,
                          const Placement& placement) -> std::unique_ptr<Job> {
    return std::make_unique<ProductJudgeJob<P, kRows>>(problem, inputs, placement);
  };
  return {.name = "judge",
          .summary =
              "plain loops accumulating in double (long double for fp64), all threads; what answers are "
              "checked against",
          .why_not = for_problem<P>(why_not),
          .prepare = for_problem<P>(prepare),
          .typical_rate = typical_rate,
          .scratch_bytes = std::move(scratch_bytes)};
}

}  // namespace breakeven::cpu
