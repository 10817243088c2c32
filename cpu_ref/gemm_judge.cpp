// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/judge.h"
#include "cpu_ref/round_to.h"

namespace breakeven::cpu {
namespace {

class JudgeJob : public Job {
 public:
  JudgeJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement) : gemm_(gemm) {
    for (int64_t slot = 0; slot < placement.slots; ++slot) {
      Inputs& copy = inputs_.emplace_back();
      for (const Tensor& operand : inputs.operands) copy.operands.push_back(operand.clone());
      results_.emplace_back(facts(gemm.precision).output, std::vector{gemm.batch, gemm.m, gemm.n});
    }
    poison();
  }

  void run(int64_t slot) override {
    switch (facts(gemm_.precision).output) {
      case Element::fp64:
        return multiply<double>(slot);
      case Element::fp32:
        return multiply<float>(slot);
      case Element::bf16:
        return multiply<Bf16>(slot);
      case Element::fp16:
        return multiply<Fp16>(slot);
      case Element::int32:
        return multiply<int32_t>(slot);
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
                       gemm_.precision == Precision::fp64 ? "long double" : "double", omp_get_max_threads());
  }

 private:
  template <class Out>
  void multiply(int64_t slot) {
    const std::vector<Tensor>& operands = inputs_[static_cast<size_t>(slot)].operands;
    Out* c = results_[static_cast<size_t>(slot)].as<Out>();
    const Tensor* bias = gemm_.epilogue == Epilogue::bias_relu ? &operands[2] : nullptr;
    multiply_rows(gemm_, operands[0], operands[1], bias, [&](int64_t row, std::span<const double> values) {
      for (size_t j = 0; j < values.size(); ++j)
        round_to(values[j], c + row * gemm_.n + static_cast<int64_t>(j));
    });
  }

  const Gemm gemm_;
  std::vector<Inputs> inputs_;
  std::vector<Tensor> results_;
};

Reason why_not(const Gemm& gemm) {
  if (gemm.precision == Precision::u8) return "u8 is for plain bytes, not for products";
  return std::nullopt;
}

std::unique_ptr<Job> prepare(const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<JudgeJob>(gemm, inputs, placement);
}

/// B decoded, and per thread one row of A, of sums (long double at most) and of values.
int64_t scratch(const Gemm& g) {
  return 8 * g.batch * g.k * g.n + omp_get_max_threads() * (8 * g.k + (16 + 8) * g.n) + 8 * g.n;
}

}  // namespace

Kernel gemm_judge() {
  return {.name = "judge",
          .summary =
              "plain loops accumulating in double (long double for fp64), all threads; what answers are "
              "checked against",
          .why_not = for_problem<Gemm>(why_not),
          .prepare = for_problem<Gemm>(prepare),
          .typical_rate = 1e10,
          .scratch_bytes = [](const Problem& p) { return scratch(std::get<Gemm>(p)); }};
}

}  // namespace breakeven::cpu
