// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include "cpu_ref/conv_judge.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/round_to.h"

namespace breakeven::cpu {
namespace {

class JudgeJob : public Job {
 public:
  JudgeJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement) : conv_(conv) {
    for (int64_t slot = 0; slot < placement.slots; ++slot) {
      Inputs& copy = inputs_.emplace_back();
      for (const Tensor& operand : inputs.operands) copy.operands.push_back(operand.clone());
      results_.push_back(conv.results()[0].make());
    }
    poison();
  }

  void run(int64_t slot) override {
    switch (facts(conv_.precision).output) {
      case Element::fp64:
        return convolve<double>(slot);
      case Element::fp32:
        return convolve<float>(slot);
      case Element::bf16:
        return convolve<Bf16>(slot);
      case Element::fp16:
        return convolve<Fp16>(slot);
      case Element::int32:
        return convolve<int32_t>(slot);
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
                       conv_.precision == Precision::fp64 ? "long double" : "double", omp_get_max_threads());
  }

 private:
  template <class Out>
  void convolve(int64_t slot) {
    Out* out = results_[static_cast<size_t>(slot)].as<Out>();
    convolve_rows(conv_, inputs_[static_cast<size_t>(slot)],
                  [&](int64_t row, std::span<const double> values) {
                    Out* into = out + row * static_cast<int64_t>(values.size());
                    for (size_t i = 0; i < values.size(); ++i) round_to(values[i], into + i);
                  });
  }

  const Conv2d conv_;
  std::vector<Inputs> inputs_;
  std::vector<Tensor> results_;
};

Reason why_not(const Conv2d& conv) {
  if (conv.precision == Precision::u8) return "u8 is for plain bytes, not for products";
  return std::nullopt;
}

std::unique_ptr<Job> prepare(const Conv2d& conv, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<JudgeJob>(conv, inputs, placement);
}

}  // namespace

Kernel conv_judge() {
  return {.name = "judge",
          .summary =
              "plain loops accumulating in double (long double for fp64), all threads; what answers are "
              "checked against",
          .why_not = for_problem<Conv2d>(why_not),
          .prepare = for_problem<Conv2d>(prepare),
          .typical_rate = 2e9,
          .scratch_bytes = [](const Problem& p) {
            return convolve_rows_scratch(std::get<Conv2d>(p), omp_get_max_threads());
          }};
}

}  // namespace breakeven::cpu
